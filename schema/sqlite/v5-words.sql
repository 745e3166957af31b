-- SPDX-License-Identifier: Apache-2.0
-- One word for one thing: `live_blocks` is a count of blocks now, wherever it stands; `total_…` are running totals. See docs/GLOSSARY.md.
DROP VIEW usage;
DROP VIEW usage_by_hour;

ALTER TABLE heaps RENAME COLUMN allocations TO live_blocks;
ALTER TABLE arrivals RENAME COLUMN allocations TO live_blocks;
ALTER TABLE minutes RENAME COLUMN allocations TO live_blocks;
ALTER TABLE hours RENAME COLUMN allocations TO live_blocks;

-- Since when the clock has been steady, and the last row of boots before that.
ALTER TABLE ledger RENAME COLUMN stretch_uptime TO steady_uptime;
ALTER TABLE ledger RENAME COLUMN stretch_boot TO steady_boot;
-- The last row of boots when the doubt was found.
ALTER TABLE doubtful_times RENAME COLUMN stretch_boot TO last_boot;

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
