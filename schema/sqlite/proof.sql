-- SPDX-License-Identifier: Apache-2.0

-- What the device has proved itself by, at last: a 'certificate', or the pre-shared 'key' of its id. From then on nobody reports for it
-- without a proof. NULL: it never has.
ALTER TABLE devices ADD COLUMN proof TEXT CHECK (proof IN ('certificate', 'key'));
