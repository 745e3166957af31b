-- SPDX-License-Identifier: Apache-2.0

-- How much the device is to tell of its heaps, set by `dalloc detail`: 'full' or 'summary'; NULL: nothing is said to it.
ALTER TABLE devices ADD COLUMN detail TEXT CHECK (detail IN ('full', 'summary'));
