-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE clocks (
    -- Where a device's clock turned out to run fast or slow. Up to the first row here, a boot's anchor tells time; from
    -- `tick` to the next one's it is time + (t - tick) * 1000000 / ticks_per_second * (1 + drift / 1e9)
    boot_id INTEGER NOT NULL REFERENCES boots (id) ON DELETE CASCADE,
    tick    INTEGER NOT NULL,
    time    INTEGER NOT NULL,
    drift   INTEGER NOT NULL,  -- how much longer a tick takes than it should, in billionths
    PRIMARY KEY (boot_id, tick)
) STRICT, WITHOUT ROWID;

CREATE TABLE arrivals (
    -- The frames that came last, in the order in which they were acknowledged. Within minutes they are gathered into
    -- chunks; a frame may be in both for a moment. The columns from used on repeat what the payload says for plain SQL.
    id          INTEGER PRIMARY KEY,
    heap_id     INTEGER NOT NULL,
    sequence    INTEGER NOT NULL,  -- one series per boot, over all its heaps
    time        INTEGER NOT NULL,
    exact       INTEGER NOT NULL,  -- 1: the replayed table had the device's digest
    used        INTEGER NOT NULL,  -- bytes in use, padding included
    allocations INTEGER NOT NULL,  -- blocks in the heap
    peak        INTEGER NOT NULL,  -- highest use since the frame before
    allocated   INTEGER NOT NULL,  -- from here on: since the heap's frame before
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
    allocations INTEGER NOT NULL,  -- at its end
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
    allocations INTEGER NOT NULL,
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

-- When the heap's first frame was. last_sequence and the figures after it in heaps, and last_sequence and last_seen of boots
-- and devices, are those of the frames in chunks: they are brought up to date when frames are gathered.
ALTER TABLE heaps ADD COLUMN first_time INTEGER;

DROP VIEW usage;

UPDATE heaps SET first_time = (SELECT min(time) FROM frames WHERE heap_id = heaps.id), last_sequence = 0;

INSERT INTO arrivals
SELECT NULL, heap_id, sequence, time, exact, used, allocations, peak,
       total_allocations - coalesce(lag(total_allocations) OVER boot, 0),
       total_frees - coalesce(lag(total_frees) OVER boot, 0),
       total_failures - coalesce(lag(total_failures) OVER boot, 0),
       total_moves - coalesce(lag(total_moves) OVER boot, 0),
       total_bytes_moved - coalesce(lag(total_bytes_moved) OVER boot, 0),
       lost_operations,
       (SELECT state FROM checkpoints
        WHERE checkpoints.heap_id = frames.heap_id AND checkpoints.sequence = frames.sequence),
       payload
FROM frames
WINDOW boot AS (PARTITION BY heap_id ORDER BY sequence)
ORDER BY time;

DROP TABLE checkpoints;
DROP TABLE frames;

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
