# SPDX-License-Identifier: BSD-2-Clause
"""PWM: a driver resets it, sets it up and is never kept waiting."""

from sel4emu.devices import pwm


def test_software_reset_is_over_at_once() -> None:
    """SWR stayed set once, and a driver ran into its time-out; other registers are reset."""
    modulator = pwm.Pwm("pwm", 0x53FE_0000, 0x4000)
    modulator.write(pwm.PWMPR, 4, 1000)
    modulator.write(pwm.PWMCR, 4, 0x0141_0001)
    assert modulator.read(pwm.PWMCR, 4) == 0x0141_0001
    modulator.write(pwm.PWMCR, 4, 0x0041_0001 | pwm.PWMCR_SWR)
    assert modulator.read(pwm.PWMCR, 4) == 0x0040_0000
    assert modulator.read(pwm.PWMPR, 4) == 0xFFFE


def test_samples_are_taken() -> None:
    """The FIFO is empty again after each."""
    modulator = pwm.Pwm("pwm", 0x53FE_0000, 0x4000)
    for sample in range(6):
        modulator.write(pwm.PWMSAR, 4, sample)
        assert modulator.read(pwm.PWMSR, 4) == pwm.PWMSR_FE
