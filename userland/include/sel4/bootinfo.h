/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel tells the initial thread about the machine and its capabilities. */
#pragma once

#include <sel4/types.h>

/* The slots from `start` up to, not including, `end`. */
typedef struct {
    seL4_Word start;
    seL4_Word end;
} seL4_SlotRegion;

/* Device memory, covered by frames of one size in ascending order. */
typedef struct {
    seL4_Word basePaddr;
    seL4_Word frameSizeBits;
    seL4_SlotRegion frames;
} seL4_DeviceRegion;

typedef struct {
    seL4_Word nodeID;
    seL4_Word numNodes;
    seL4_Word numIOPTLevels;
    seL4_IPCBuffer *ipcBuffer;
    seL4_SlotRegion empty;
    seL4_SlotRegion sharedFrames;
    seL4_SlotRegion userImageFrames;
    seL4_SlotRegion userImagePTs;
    seL4_SlotRegion untyped;
    seL4_Word untypedPaddrList[ABI_BOOTINFO_MAX_UNTYPED];
    seL4_Uint8 untypedSizeBitsList[ABI_BOOTINFO_MAX_UNTYPED];
    seL4_Uint8 initThreadCNodeSizeBits;
    seL4_Word numDeviceRegions;
    seL4_DeviceRegion deviceRegions[ABI_BOOTINFO_MAX_DEVICES];
    seL4_Uint8 initThreadDomain;
} seL4_BootInfo;

/* Keeps the pointer, and the address of the IPC buffer in its `userData` word. Called by crt0. */
void seL4_InitBootInfo(seL4_BootInfo *info);

/* What seL4_InitBootInfo was given. */
seL4_BootInfo *seL4_GetBootInfo(void);

SEL4_OFFSET(seL4_BootInfo, nodeID, ABI_BI_NODE_ID);
SEL4_OFFSET(seL4_BootInfo, numNodes, ABI_BI_NUM_NODES);
SEL4_OFFSET(seL4_BootInfo, numIOPTLevels, ABI_BI_IOPT_LEVELS);
SEL4_OFFSET(seL4_BootInfo, ipcBuffer, ABI_BI_IPC_BUFFER);
SEL4_OFFSET(seL4_BootInfo, empty, ABI_BI_EMPTY);
SEL4_OFFSET(seL4_BootInfo, sharedFrames, ABI_BI_SHARED_FRAMES);
SEL4_OFFSET(seL4_BootInfo, userImageFrames, ABI_BI_IMAGE_FRAMES);
SEL4_OFFSET(seL4_BootInfo, userImagePTs, ABI_BI_IMAGE_PTS);
SEL4_OFFSET(seL4_BootInfo, untyped, ABI_BI_UNTYPED);
SEL4_OFFSET(seL4_BootInfo, untypedPaddrList, ABI_BI_UNTYPED_PADDR);
SEL4_OFFSET(seL4_BootInfo, untypedSizeBitsList, ABI_BI_UNTYPED_BITS);
SEL4_OFFSET(seL4_BootInfo, initThreadCNodeSizeBits, ABI_BI_CNODE_BITS);
SEL4_OFFSET(seL4_BootInfo, numDeviceRegions, ABI_BI_NUM_DEVICES);
SEL4_OFFSET(seL4_BootInfo, deviceRegions, ABI_BI_DEVICES);
SEL4_OFFSET(seL4_BootInfo, initThreadDomain, ABI_BI_DOMAIN);
_Static_assert(sizeof(seL4_DeviceRegion) == ABI_BI_DEVICE_BYTES, "device region size");
_Static_assert(sizeof(seL4_BootInfo) == ABI_BI_BYTES, "boot information size");
