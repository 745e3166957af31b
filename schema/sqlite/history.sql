-- SPDX-License-Identifier: Apache-2.0
-- The history of a fleet: what devices reported, and what is made of it. Times are microseconds since 1970-01-01 UTC, sizes are bytes.

CREATE TABLE devices (
    -- A device that has greeted this collector at least once.
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,  -- the device's own id, unique in the fleet
    first_seen INTEGER NOT NULL,      -- microseconds since 1970-01-01 UTC, like every time here
    last_seen  INTEGER NOT NULL       -- when it was last heard
) STRICT;

CREATE TABLE labels (
    -- What people say of a device: site=berlin. Set by `dalloc label`.
    device_id INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    name      TEXT NOT NULL,
    value     TEXT NOT NULL,  -- never empty: a label without a value is removed
    PRIMARY KEY (device_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE boots (
    -- One run of a device, from reset to reset, in the order in which they came (id). Its clock counts ticks; the anchor turns them
    -- into time: time = anchor_time + (tick - anchor_tick) * 1000000 / ticks_per_second
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id        INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    boot             INTEGER NOT NULL,  -- the device's boot id: another one after every reset
    run              INTEGER NOT NULL,  -- 1, and 2 and up for later runs that have the same boot id, against the rule
    build            TEXT NOT NULL,     -- its firmware
    link             TEXT NOT NULL,     -- how it was reached last: tcp HOST:PORT or serial PATH
    ticks_per_second INTEGER NOT NULL,
    anchor_tick      INTEGER NOT NULL,
    anchor_time      INTEGER NOT NULL,
    last_sequence    INTEGER NOT NULL,  -- the last frame that is stored and acknowledged; 0: none
    last_seen        INTEGER NOT NULL,
    entered          INTEGER NOT NULL,  -- when it came, by the clock that retention goes by: never set, it counts the time that passes
    is_closed        INTEGER NOT NULL DEFAULT 0,  -- 1: what comes of this boot is another run: the collector's clock was set back
    UNIQUE (device_id, boot, run)
) STRICT;

CREATE TABLE clocks (
    -- Where a device's clock turned out to run fast or slow. Up to the first row here, a boot's anchor tells time; from
    -- `tick` to the next one's it is time + (t - tick) * 1000000 / ticks_per_second * (1 + drift / 1e9)
    boot_id INTEGER NOT NULL REFERENCES boots (id) ON DELETE CASCADE,
    tick    INTEGER NOT NULL,
    time    INTEGER NOT NULL,
    drift   INTEGER NOT NULL,  -- how much longer a tick takes than it should, in billionths
    PRIMARY KEY (boot_id, tick)
) STRICT, WITHOUT ROWID;

CREATE TABLE heaps (
    -- A heap as a boot announced it. The figures at the end are the last ones that are known.
    id            INTEGER PRIMARY KEY,
    boot_id       INTEGER NOT NULL REFERENCES boots (id) ON DELETE CASCADE,
    number        INTEGER NOT NULL,     -- the heap's number on its device
    name          TEXT NOT NULL,
    base_address  INTEGER NOT NULL,     -- as a signed 64-bit number; sizes and offsets are in bytes
    size          INTEGER NOT NULL,
    alignment     INTEGER NOT NULL,
    table_size    INTEGER NOT NULL,     -- the most blocks
    pointer_width INTEGER NOT NULL,
    traits        INTEGER NOT NULL,     -- 1: closes gaps lazily; 2: knows call sites; 4: another allocator's; a sum
    last_sequence INTEGER NOT NULL DEFAULT 0,
    last_time     INTEGER,
    used          INTEGER NOT NULL DEFAULT 0,
    live_blocks   INTEGER NOT NULL DEFAULT 0,
    peak          INTEGER NOT NULL DEFAULT 0,  -- highest since the boot
    first_time    INTEGER,
    UNIQUE (boot_id, number, name, base_address, size, alignment, table_size, pointer_width, traits)
) STRICT;

CREATE TABLE arrivals (
    -- The frames that came last, in the order in which they were acknowledged. Within minutes they are gathered into
    -- chunks; a frame may be in both for a moment. The columns from used on repeat what the payload says for plain SQL.
    id          INTEGER PRIMARY KEY,
    heap_id     INTEGER NOT NULL,
    sequence    INTEGER NOT NULL,  -- one series per boot, over all its heaps
    time        INTEGER NOT NULL,
    exact       INTEGER NOT NULL,  -- 1: the replayed table had the device's digest
    used        INTEGER,           -- bytes in use, padding included. This, live_blocks and peak are NULL where nobody
    live_blocks INTEGER,           -- knows them: a frame told none, and the table was unknown
    peak        INTEGER,           -- highest use since the frame before
    allocated   INTEGER NOT NULL,  -- from here on: since the heap's last frame whose figures are known
    freed       INTEGER NOT NULL,
    failures    INTEGER NOT NULL,
    moves       INTEGER NOT NULL,  -- blocks that compaction relocated
    bytes_moved INTEGER NOT NULL,
    lost        INTEGER NOT NULL,  -- operations that the device could not record
    state       BLOB,              -- now and then the replayed table after the frame, in the collector's own format
    payload     BLOB NOT NULL      -- KEYFRAME or DELTA of schema/wire.md, without checksum and stuffing
) STRICT;

CREATE TABLE chunks (
    -- Everything that a heap reported in some time, frame after frame: see Chunk.swift for the body.
    id             INTEGER PRIMARY KEY,
    heap_id        INTEGER NOT NULL REFERENCES heaps (id) ON DELETE CASCADE,
    first_sequence INTEGER NOT NULL,
    last_sequence  INTEGER NOT NULL,
    first_time     INTEGER NOT NULL,
    last_time      INTEGER NOT NULL,
    frames         INTEGER NOT NULL,
    body           BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX chunks_by_sequence ON chunks (heap_id, first_sequence);
CREATE INDEX chunks_by_time ON chunks (heap_id, first_time);
CREATE INDEX chunks_by_age ON chunks (last_time);

CREATE TABLE minutes (
    -- What a heap did in a minute, made from its frames when they are gathered.
    heap_id     INTEGER NOT NULL REFERENCES heaps (id) ON DELETE CASCADE,
    time        INTEGER NOT NULL,  -- when the minute begins
    used        INTEGER NOT NULL,  -- at its end
    live_blocks INTEGER NOT NULL,  -- at its end
    peak        INTEGER NOT NULL,
    allocated   INTEGER NOT NULL,
    freed       INTEGER NOT NULL,
    failures    INTEGER NOT NULL,
    moves       INTEGER NOT NULL,
    bytes_moved INTEGER NOT NULL,
    lost        INTEGER NOT NULL,
    frames      INTEGER NOT NULL,
    PRIMARY KEY (heap_id, time)
) STRICT, WITHOUT ROWID;

CREATE TABLE hours (
    -- The same, by the hour.
    heap_id     INTEGER NOT NULL REFERENCES heaps (id) ON DELETE CASCADE,
    time        INTEGER NOT NULL,
    used        INTEGER NOT NULL,
    live_blocks INTEGER NOT NULL,
    peak        INTEGER NOT NULL,
    allocated   INTEGER NOT NULL,
    freed       INTEGER NOT NULL,
    failures    INTEGER NOT NULL,
    moves       INTEGER NOT NULL,
    bytes_moved INTEGER NOT NULL,
    lost        INTEGER NOT NULL,
    frames      INTEGER NOT NULL,
    PRIMARY KEY (heap_id, time)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE gaps (
    -- Stretches of a heap's history that are known to be missing.
    heap_id        INTEGER NOT NULL REFERENCES heaps (id) ON DELETE CASCADE,
    start_sequence INTEGER NOT NULL,  -- the last exact frame before it; 0: none
    start_time     INTEGER,           -- NULL: nothing was known before
    end_sequence   INTEGER,           -- the first exact frame after it; NULL while it lasts
    end_time       INTEGER,
    cause          TEXT NOT NULL,     -- recorder_overflow, line_loss, digest_mismatch, no_keyframe, summarized, implausible
    operations     INTEGER,           -- missing, where the device counted them; those that summaries leave out are not
    frames         INTEGER,           -- missing, where sequence numbers tell
    PRIMARY KEY (heap_id, start_sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE doubtful_times (
    -- Stored times of a heap that nobody vouches for: the clock that gave them was set far back since, or nobody knows how wrong it was. A
    -- question about a moment between them is refused.
    heap_id      INTEGER NOT NULL REFERENCES heaps (id) ON DELETE CASCADE,
    start_time   INTEGER NOT NULL,
    end_time     INTEGER NOT NULL,
    last_boot    INTEGER NOT NULL,  -- the last row of boots when the doubt was found
    PRIMARY KEY (heap_id, start_time)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
    -- One row: what the database says of itself, so that missing commits and a wrong clock are noticed.
    id               INTEGER PRIMARY KEY CHECK (id = 1),
    is_open          INTEGER NOT NULL,  -- 1 while a collector writes to it: the file is complete only together with its log
    gathered_through INTEGER NOT NULL,  -- the last row of arrivals that was moved into chunks
    last_time        INTEGER NOT NULL,  -- the collector's clock when it was last written down
    last_uptime      INTEGER NOT NULL,  -- microseconds since the machine started, at that moment
    machine_boot     TEXT NOT NULL,     -- which start of the machine that was
    steady_uptime    INTEGER NOT NULL,  -- since when the clock has made no step, in microseconds since the machine started
    steady_boot      INTEGER NOT NULL,  -- the last row of boots before that
    trusted_time     INTEGER NOT NULL,  -- what retention goes by: never ahead of the clock, and no step of it
    -- The last row of boots before those that an earlier start of the machine dated by a clock that had not proven itself; -1: none.
    suspect_boot     INTEGER NOT NULL DEFAULT -1,
    -- When the clock was set after it had proven itself, by the clock as it is now; NULL: it was not set far, or has proven itself again.
    doubt_from       INTEGER,
    -- How often devices were removed, and times were corrected: what was read before is not written after, and answers nothing.
    removals         INTEGER NOT NULL DEFAULT 0,
    corrections      INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO ledger VALUES (1, 0, 0, 0, 0, '', 0, 0, 0, -1, NULL, 0, 0);

CREATE TABLE set_aside (
    -- Devices that the collector can't work on: every try ended it, or failed. Nothing new of them is taken. Delete the row, while no
    -- collector runs, to let it try again.
    device_id INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    work      TEXT NOT NULL,  -- frames: what it sends; questions: what is asked about it
    time      INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    PRIMARY KEY (device_id, work)
) STRICT, WITHOUT ROWID;

CREATE TABLE kept_frames (
    -- Frames that could not be gathered, as they stood among the arrivals.
    id          INTEGER PRIMARY KEY,
    heap_id     INTEGER NOT NULL REFERENCES heaps (id) ON DELETE CASCADE,
    sequence    INTEGER NOT NULL,
    time        INTEGER NOT NULL,
    exact       INTEGER NOT NULL,
    state       BLOB,
    payload     BLOB NOT NULL
) STRICT;

CREATE VIEW usage AS
    -- Usage over time for people: a row a minute, and of the last minutes a row a frame. `allocated` to `lost` count since the row before.
    SELECT devices.name AS device, boots.boot, boots.build, heaps.number AS heap, heaps.name AS heap_name,
           strftime('%Y-%m-%dT%H:%M:%S', rows.time / 1000000, 'unixepoch')
               || printf('.%06dZ', rows.time % 1000000) AS time,
           rows.span, rows.used, heaps.size, rows.live_blocks, rows.peak, rows.allocated, rows.freed, rows.failures,
           rows.moves, rows.bytes_moved, rows.lost
    FROM (
        SELECT heap_id, time, 'minute' AS span, used, live_blocks, peak, allocated, freed, failures, moves, bytes_moved, lost
        FROM minutes
        UNION ALL
        SELECT heap_id, time, 'frame', used, live_blocks, peak, allocated, freed, failures, moves, bytes_moved, lost
        FROM arrivals
        WHERE sequence > (SELECT last_sequence FROM heaps WHERE heaps.id = heap_id)
    ) AS rows
    JOIN heaps ON heaps.id = rows.heap_id
    JOIN boots ON boots.id = heaps.boot_id
    JOIN devices ON devices.id = boots.device_id;

CREATE VIEW usage_by_hour AS
    -- The same, a row an hour, for as long as hours are kept.
    SELECT devices.name AS device, boots.boot, boots.build, heaps.number AS heap, heaps.name AS heap_name,
           strftime('%Y-%m-%dT%H:%M:%SZ', hours.time / 1000000, 'unixepoch') AS time,
           hours.used, heaps.size, hours.live_blocks, hours.peak, hours.allocated, hours.freed, hours.failures,
           hours.moves, hours.bytes_moved, hours.lost
    FROM hours
    JOIN heaps ON heaps.id = hours.heap_id
    JOIN boots ON boots.id = heaps.boot_id
    JOIN devices ON devices.id = boots.device_id;

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
