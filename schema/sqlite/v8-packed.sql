-- SPDX-License-Identifier: Apache-2.0
-- Frames of HeapWire 2. A database with frames of HeapWire 1 is refused before this, so nothing is here yet.
DROP TABLE arrivals;

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
