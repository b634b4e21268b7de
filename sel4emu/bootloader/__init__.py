# SPDX-License-Identifier: BSD-2-Clause
"""What a boot loader does for a kernel that we did not write (docs/IMAGES.md).

`formats` knows the files, `image` reads one for a board, `placement` finds room in its RAM, `tags`
and `devicetree` speak to the kernel, `boardtree` describes the board to it, and `plan` puts it all
together before a machine exists.
"""
