-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE devices (
    -- A device that has greeted this collector at least once.
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,  -- the device's own id, unique in the fleet
    first_seen INTEGER NOT NULL,      -- microseconds since 1970-01-01 UTC, like every time here
    last_seen  INTEGER NOT NULL       -- when it was last heard
) STRICT;

CREATE TABLE boots (
    -- One run of a device, from reset to reset. Its clock counts ticks; the anchor turns them into time:
    -- time = anchor_time + (tick - anchor_tick) * 1000000 / ticks_per_second
    id               INTEGER PRIMARY KEY,
    device_id        INTEGER NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    boot             INTEGER NOT NULL,  -- the device's boot id: another one after every reset
    build            TEXT NOT NULL,     -- its firmware
    link             TEXT NOT NULL,     -- how it was reached last: tcp HOST:PORT or serial PATH
    ticks_per_second INTEGER NOT NULL,
    anchor_tick      INTEGER NOT NULL,
    anchor_time      INTEGER NOT NULL,
    last_sequence    INTEGER NOT NULL,  -- the last frame that is stored and acknowledged; 0: none
    last_seen        INTEGER NOT NULL,
    UNIQUE (device_id, boot)
) STRICT;

CREATE TABLE heaps (
    -- A heap as a boot announced it. The figures at the end are those of its last frame.
    id            INTEGER PRIMARY KEY,
    boot_id       INTEGER NOT NULL REFERENCES boots (id) ON DELETE CASCADE,
    number        INTEGER NOT NULL,     -- the heap's number on its device
    name          TEXT NOT NULL,
    base_address  INTEGER NOT NULL,     -- as a signed 64-bit number; sizes and offsets are in bytes
    size          INTEGER NOT NULL,
    alignment     INTEGER NOT NULL,
    table_size    INTEGER NOT NULL,     -- the most blocks
    pointer_width INTEGER NOT NULL,
    traits        INTEGER NOT NULL,     -- 1: closes gaps lazily; 2: knows call sites; a sum of these
    last_sequence INTEGER NOT NULL DEFAULT 0,
    last_time     INTEGER,
    used          INTEGER NOT NULL DEFAULT 0,
    allocations   INTEGER NOT NULL DEFAULT 0,
    peak          INTEGER NOT NULL DEFAULT 0,  -- highest since the boot
    UNIQUE (boot_id, number, name, base_address, size, alignment, table_size, pointer_width, traits)
) STRICT;

CREATE TABLE frames (
    -- Everything that a device reported, as it came: one KEYFRAME or DELTA of schema/wire.md a row. The payload holds
    -- the operations or the table; the columns before it repeat its header for plain SQL.
    heap_id           INTEGER NOT NULL REFERENCES heaps (id) ON DELETE CASCADE,
    sequence          INTEGER NOT NULL,  -- one series per boot, over all its heaps
    time              INTEGER NOT NULL,
    used              INTEGER NOT NULL,  -- bytes in use, padding included
    allocations       INTEGER NOT NULL,  -- blocks in the heap
    peak              INTEGER NOT NULL,  -- highest use since the frame before
    total_allocations INTEGER NOT NULL,  -- totals run since the heap was made
    total_frees       INTEGER NOT NULL,
    total_failures    INTEGER NOT NULL,
    total_moves       INTEGER NOT NULL,  -- blocks that compaction relocated
    total_bytes_moved INTEGER NOT NULL,
    lost_operations   INTEGER NOT NULL,  -- not recorded since the frame before
    exact             INTEGER NOT NULL,  -- 1: the replayed table had the device's digest
    payload           BLOB NOT NULL,     -- without checksum and stuffing
    PRIMARY KEY (heap_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX frames_by_time ON frames (heap_id, time);

CREATE TABLE checkpoints (
    -- The replayed table after a frame, so that a snapshot needs few frames. Made by the collector, and made
    -- anew from frames at any time; the format of `state` is the collector's own.
    heap_id  INTEGER NOT NULL REFERENCES heaps (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    state    BLOB NOT NULL,
    PRIMARY KEY (heap_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE gaps (
    -- Stretches of a heap's history that are known to be missing.
    heap_id        INTEGER NOT NULL REFERENCES heaps (id) ON DELETE CASCADE,
    start_sequence INTEGER NOT NULL,  -- the last exact frame before it; 0: none
    start_time     INTEGER,           -- NULL: nothing was known before
    end_sequence   INTEGER,           -- the first exact frame after it; NULL while it lasts
    end_time       INTEGER,
    cause          TEXT NOT NULL,     -- recorder_overflow, line_loss, digest_mismatch, no_keyframe
    operations     INTEGER,           -- missing, where the device counted them
    frames         INTEGER,           -- missing, where sequence numbers tell
    PRIMARY KEY (heap_id, start_sequence)
) STRICT, WITHOUT ROWID;

CREATE VIEW usage AS
    -- Usage over time for people: a row a frame.
    SELECT devices.name AS device, boots.boot, boots.build, heaps.number AS heap, heaps.name AS heap_name,
           strftime('%Y-%m-%dT%H:%M:%S', frames.time / 1000000, 'unixepoch')
               || printf('.%06dZ', frames.time % 1000000) AS time,
           frames.sequence, frames.used, heaps.size, frames.allocations, frames.peak,
           frames.total_failures AS failures, frames.total_bytes_moved AS bytes_moved
    FROM frames
    JOIN heaps ON heaps.id = frames.heap_id
    JOIN boots ON boots.id = heaps.boot_id
    JOIN devices ON devices.id = boots.device_id;
