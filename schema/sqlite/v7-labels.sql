-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE labels (
    -- What people say of a device: site=berlin. Set by `dalloc label`.
    device_id INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    name      TEXT NOT NULL,
    value     TEXT NOT NULL,  -- never empty: a label without a value is removed
    PRIMARY KEY (device_id, name)
) STRICT, WITHOUT ROWID;
