-- SPDX-License-Identifier: Apache-2.0
-- Sums from which questions about weeks and fleets are answered. They are made from frames when these are gathered.

CREATE TABLE days (
    -- What a heap did on a day. A boot that has two days has two rows; so has a day that has two boots.
    time        INTEGER NOT NULL,  -- when the day begins, in UTC
    heap_id     INTEGER NOT NULL REFERENCES heaps (id) ON DELETE CASCADE,
    used        INTEGER NOT NULL,  -- at its end, in bytes
    live_blocks INTEGER NOT NULL,  -- at its end
    peak        INTEGER NOT NULL,  -- most bytes at a time
    peak_blocks INTEGER NOT NULL,  -- most blocks at a time
    allocated   INTEGER NOT NULL,
    freed       INTEGER NOT NULL,
    failures    INTEGER NOT NULL,
    moves       INTEGER NOT NULL,
    bytes_moved INTEGER NOT NULL,
    lost        INTEGER NOT NULL,
    known       INTEGER NOT NULL,  -- microseconds in which the table was known
    PRIMARY KEY (time, heap_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX days_by_heap ON days (heap_id, time);

CREATE TABLE group_periods (
    -- Who held the memory of a heap, and what these did, in some hours of a day: an hour of a heap with much to do, up to a day otherwise,
    -- so that a row has about as many bytes as the heap did operations. Use the view blocks_by_group.
    id            INTEGER PRIMARY KEY,
    heap_id       INTEGER NOT NULL REFERENCES heaps (id) ON DELETE CASCADE,
    time          INTEGER NOT NULL,  -- when it begins: a whole hour
    hours         INTEGER NOT NULL,  -- 1 to 24
    point_hours   INTEGER NOT NULL,  -- hours of a point in `body`
    known         INTEGER NOT NULL,  -- seconds in which the table was known
    group_count   INTEGER NOT NULL,  -- groups that the collector told apart; body has the 64 largest of them at most, and others
    largest_other INTEGER,           -- no group in others held more bytes, as far as points tell; NULL: there are no others
    body          TEXT NOT NULL      -- JSON, an array for each group: [code, live blocks, live bytes, allocated, freed, failures, bytes
                                     -- moved, age of the oldest block in seconds, [class, freed blocks that lived so long, those of
                                     -- the next class, …], [points]]; an empty array when none was freed
) STRICT;

CREATE UNIQUE INDEX group_periods_by_heap ON group_periods (heap_id, time);

CREATE TABLE open_groups (
    -- The period of each heap that is not over yet, up to the last frame in chunks, in the collector's own format.
    heap_id  INTEGER PRIMARY KEY REFERENCES heaps (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,  -- that frame
    time     INTEGER NOT NULL,  -- when the period begins: a whole hour
    state    BLOB NOT NULL
) STRICT;

CREATE VIEW usage_by_day AS
    -- A row a day for each heap and boot.
    SELECT devices.name AS device, boots.boot, boots.build, heaps.number AS heap, heaps.name AS heap_name,
           strftime('%Y-%m-%d', days.time / 1000000, 'unixepoch') AS day,
           days.used, heaps.size, days.live_blocks, days.peak, days.peak_blocks, heaps.table_size, days.allocated, days.freed,
           days.failures, days.moves, days.bytes_moved, days.lost, days.known / 1000000 AS known_seconds
    FROM days
    JOIN heaps ON heaps.id = days.heap_id
    JOIN boots ON boots.id = heaps.boot_id
    JOIN devices ON devices.id = boots.device_id;

CREATE VIEW blocks_by_group AS
    -- Who held the memory: a row for each period and group of blocks. `place` is the address of the call site or variable, the size of the
    -- block and the place in it that owns them, or the largest size of a size class.
    SELECT devices.name AS device, boots.boot, boots.build, heaps.number AS heap, heaps.name AS heap_name,
           strftime('%Y-%m-%dT%H:%M:%SZ', group_periods.time / 1000000, 'unixepoch') AS time, group_periods.hours,
           group_periods.known AS known_seconds,
           CASE substr(groups.value ->> 0, 1, 1)
               WHEN 'c' THEN 'call_site' WHEN 'v' THEN 'variable' WHEN 'i' THEN 'inside' WHEN 's' THEN 'size'
               WHEN 'o' THEN 'orphan' ELSE 'others' END AS grouped_by,
           CASE WHEN substr(groups.value ->> 0, 1, 1) IN ('c', 'v', 'o') AND length(groups.value ->> 0) > 1 THEN '0x' ELSE '' END
               || substr(groups.value ->> 0, 2) AS place,
           groups.value ->> 1 AS live_blocks, groups.value ->> 2 AS live_bytes, groups.value ->> 3 AS allocated,
           groups.value ->> 4 AS freed, groups.value ->> 5 AS failures, groups.value ->> 6 AS bytes_moved,
           groups.value ->> 7 AS oldest_seconds, groups.value -> 8 AS lifetimes, groups.value -> 9 AS points,
           group_periods.point_hours
    FROM group_periods
    JOIN json_each(group_periods.body) AS groups
    JOIN heaps ON heaps.id = group_periods.heap_id
    JOIN boots ON boots.id = heaps.boot_id
    JOIN devices ON devices.id = boots.device_id;
