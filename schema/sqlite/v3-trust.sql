-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE ledger (
    -- One row: what the database says of itself, so that missing commits and a wrong clock are noticed.
    id               INTEGER PRIMARY KEY CHECK (id = 1),
    is_open          INTEGER NOT NULL,  -- 1 while a collector writes to it: the file is complete only together with its log
    gathered_through INTEGER NOT NULL,  -- the last row of arrivals that was moved into chunks
    last_time        INTEGER NOT NULL,  -- the collector's clock when it was last written down
    last_uptime      INTEGER NOT NULL,  -- microseconds since the machine started, at that moment
    machine_boot     TEXT NOT NULL,     -- which start of the machine that was
    stretch_uptime   INTEGER NOT NULL,  -- since when the clock has made no step, in microseconds since the machine started
    stretch_boot     INTEGER NOT NULL,  -- the last row of boots before that
    trusted_time     INTEGER NOT NULL   -- what retention goes by: never ahead of the clock, and no step of it
) STRICT;

INSERT INTO ledger VALUES (1, 0, 0, 0, 0, '', 0, 0, 0);

-- A boot id that comes again after a reset is another run of the device: runs are numbered in the order in which they came.
CREATE TABLE new_boots (
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

INSERT INTO new_boots
SELECT id, device_id, boot, 1, build, link, ticks_per_second, anchor_tick, anchor_time, last_sequence, last_seen, anchor_time, 0 FROM boots;

-- They name the table that goes, and come again below.
DROP VIEW usage;
DROP VIEW usage_by_hour;
DROP TABLE boots;
ALTER TABLE new_boots RENAME TO boots;

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
    -- Usage over time for people: a row a minute, and of the last minutes a row a frame. What is counted was so since the row before.
    SELECT devices.name AS device, boots.boot, boots.build, heaps.number AS heap, heaps.name AS heap_name,
           strftime('%Y-%m-%dT%H:%M:%S', rows.time / 1000000, 'unixepoch')
               || printf('.%06dZ', rows.time % 1000000) AS time,
           rows.span, rows.used, heaps.size, rows.allocations, rows.peak, rows.allocated, rows.freed, rows.failures,
           rows.moves, rows.bytes_moved, rows.lost
    FROM (
        SELECT heap_id, time, 'minute' AS span, used, allocations, peak, allocated, freed, failures, moves, bytes_moved, lost
        FROM minutes
        UNION ALL
        SELECT heap_id, time, 'frame', used, allocations, peak, allocated, freed, failures, moves, bytes_moved, lost
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
           hours.used, heaps.size, hours.allocations, hours.peak, hours.allocated, hours.freed, hours.failures,
           hours.moves, hours.bytes_moved, hours.lost
    FROM hours
    JOIN heaps ON heaps.id = hours.heap_id
    JOIN boots ON boots.id = heaps.boot_id
    JOIN devices ON devices.id = boots.device_id;
