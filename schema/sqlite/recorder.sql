-- SPDX-License-Identifier: Apache-2.0

-- What the device told last of the memory in which it records the heap's operations, in bytes: the most that were in use since the boot,
-- and how many can be before it loses operations. NULL when it told nothing, as a device does that keeps up well.
ALTER TABLE heaps ADD COLUMN recorder_most INTEGER;
ALTER TABLE heaps ADD COLUMN recorder_size INTEGER;
