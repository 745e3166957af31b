-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE doubtful_times (
    -- Stored times of a heap that nobody vouches for: the clock that gave them was set far back since, or nobody knows how wrong it was. A
    -- question about a moment between them is refused.
    heap_id      INTEGER NOT NULL REFERENCES heaps (id) ON DELETE CASCADE,
    start_time   INTEGER NOT NULL,
    end_time     INTEGER NOT NULL,
    stretch_boot INTEGER NOT NULL,  -- the last row of boots when that was found
    PRIMARY KEY (heap_id, start_time)
) STRICT, WITHOUT ROWID;

-- The last row of boots before those that an earlier start of the machine dated by a clock that had not proven itself; -1: none.
ALTER TABLE ledger ADD COLUMN suspect_boot INTEGER NOT NULL DEFAULT -1;
-- When the clock was set after it had proven itself, by the clock as it is now; NULL: it was not set far, or has proven itself again.
ALTER TABLE ledger ADD COLUMN doubt_from INTEGER;
-- How often devices were removed, and times were corrected: what was read before is not written after, and answers nothing.
ALTER TABLE ledger ADD COLUMN removals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN corrections INTEGER NOT NULL DEFAULT 0;
