-- SPDX-License-Identifier: Apache-2.0
--
-- A dissector of HeapWire 2 for Wireshark 4.0 and later, after ../wire.md. It follows that page: registries, the line, numbers, bits,
-- frames. Numbers above 2^53 are UInt64, as the numbers of Lua 5.2 are doubles. `^` is avoided, as it makes fractions of integers in
-- Lua 5.4.

local heapwire = Proto("heapwire", "HeapWire")
heapwire.prefs.port = Pref.uint("TCP port", 7420, "Where collectors listen")

-- ---- 8. Registries. A test compares them with those of wire.md.

local TYPES = {
    {0x00, 0x00, "reserved"}, {0x01, 0x01, "HELLO"}, {0x02, 0x02, "KEYFRAME"}, {0x03, 0x03, "DELTA"},
    {0x04, 0x1B, "unassigned, must be known"}, {0x1C, 0x1F, "experiments, must be known"},
    {0x20, 0x3B, "unassigned, may be skipped"}, {0x3C, 0x3F, "experiments, may be skipped"},
    {0x40, 0x40, "reserved"}, {0x41, 0x41, "WELCOME"}, {0x42, 0x42, "ACK"}, {0x43, 0x43, "REQUEST"},
    {0x44, 0x5B, "unassigned, must be known"}, {0x5C, 0x5F, "experiments, must be known"},
    {0x60, 0x60, "REFUSE"}, {0x61, 0x7B, "unassigned, may be skipped"}, {0x7C, 0x7F, "experiments, may be skipped"},
    {0x80, 0xFF, "reserved"},
}
local EXTENSIONS = {
    {0, 0, "reserved"}, {1, 1, "capabilities"}, {2, 2, "level"}, {3, 32767, "unassigned"}, {32768, 65535, "experiments"},
}
local CAPABILITIES = {
    {0, 0, "long replies"}, {1, 1, "summaries"}, {2, 55, "unassigned"}, {56, 63, "experiments"}, {64, 2047, "unassigned"},
}
local LAZY, CALL_SITES, WATCHED = "lazy", "call sites", "watched"
local LEVELS = {{0, 0, "all operations"}, {1, 1, "summaries"}, {2, 223, "unassigned"}, {224, 255, "experiments"}}
local CAUSES = {[0] = "no room", "the table is full", "size 0", "unassigned"}
local REASONS = {
    {0, 0, "another reason, or none that is told"},
    {1, 1, "the version of HELLO is not spoken"},
    {2, 2, "the device has brought too many boots, or heaps of a boot, that nobody knew"},
    {3, 3, "its address has brought too many devices that nobody knew"},
    {4, 4, "another device has this id, and stays"},
    {5, 5, "the device may not report here"},
    {6, 6, "the collector stops"},
    {7, 7, "another connection speaks for the device"},
    {8, 8, "nothing was heard for long"},
    {9, 9, "too much of what came was no frame that could be taken"},
    {10, 10, "what came can't be stored now"},
    {11, 11, "there are more heaps, or larger ones, than this collector takes"},
    {12, 127, "unassigned"}, {128, 255, "experiments"}, {256, 4294967295, "unassigned"},
}
-- By the zeros before the one; after three of them 3 or 4, after four of them 8 more than the three bits that follow.
local OPERATIONS = {
    [0] = "alloc", [1] = "free", [2] = "resize", [3] = "reown", [4] = "failed", [8] = "reserved", [9] = "orphan", [10] = "bad-pointer",
    [11] = "reset", [12] = "compact", [13] = "reserved", [14] = "reserved", [15] = "skipped",
}

local SUMS = 1
local PINS = {[2] = "pin", [3] = "unpin"}
local RECORDER = 4
local SKIPPED = {{0, 0, "reserved"}, {SUMS, SUMS, "sums"}, {2, 2, "pin"}, {3, 3, "unpin"},
    {RECORDER, RECORDER, "recorder"}, {5, 223, "unassigned"}, {224, 255, "experiments"}}

-- ---- What a filter can name

local f = {
    type = ProtoField.uint8("heapwire.type", "Type", base.RANGE_STRING, TYPES),
    checksum = ProtoField.uint32("heapwire.checksum", "CRC-32", base.HEX),
    version = ProtoField.uint32("heapwire.version", "Version"),
    one_way = ProtoField.bool("heapwire.one_way", "One-way", 8, nil, 1),
    device = ProtoField.string("heapwire.device", "Device"),
    build = ProtoField.string("heapwire.build", "Build"),
    boot = ProtoField.uint32("heapwire.boot", "Boot"),
    ticks_per_second = ProtoField.uint32("heapwire.ticks_per_second", "Ticks per second"),
    tick = ProtoField.uint64("heapwire.tick", "Tick"),
    moment = ProtoField.uint64("heapwire.moment", "Moment", base.DEC, nil, nil, "The tick that the frame tells of: tick and span"),
    oldest = ProtoField.uint32("heapwire.oldest", "Oldest"),
    pointer_width = ProtoField.uint8("heapwire.pointer_width", "Pointer width"),
    heaps = ProtoField.uint8("heapwire.heaps", "Heaps"),
    heap = ProtoField.uint8("heapwire.heap", "Heap"),
    name = ProtoField.string("heapwire.heap.name", "Name"),
    base = ProtoField.uint64("heapwire.heap.base", "Base", base.HEX),
    heap_size = ProtoField.uint32("heapwire.heap.size", "Size"),
    alignment = ProtoField.uint32("heapwire.heap.alignment", "Alignment"),
    table = ProtoField.uint32("heapwire.heap.table", "Table"),
    traits = ProtoField.uint32("heapwire.heap.traits", "Traits"),
    lazy = ProtoField.bool("heapwire.heap.traits.lazy", LAZY, 32, nil, 1),
    call_sites = ProtoField.bool("heapwire.heap.traits.call_sites", CALL_SITES, 32, nil, 2),
    watched = ProtoField.bool("heapwire.heap.traits.watched", WATCHED, 32, nil, 4),
    sequence = ProtoField.uint32("heapwire.sequence", "Sequence"),
    used = ProtoField.uint32("heapwire.used", "Used"),
    gaps = ProtoField.uint32("heapwire.gaps", "Gaps"),
    count = ProtoField.uint32("heapwire.count", "Count"),
    peak = ProtoField.uint32("heapwire.peak", "Peak"),
    allocations = ProtoField.uint64("heapwire.allocations", "Allocations"),
    frees = ProtoField.uint64("heapwire.frees", "Frees"),
    failures = ProtoField.uint64("heapwire.failures", "Failures"),
    moves = ProtoField.uint64("heapwire.moves", "Moves"),
    bytes_moved = ProtoField.uint64("heapwire.bytes_moved", "Bytes moved"),
    lost = ProtoField.uint32("heapwire.lost", "Lost"),
    digest = ProtoField.uint32("heapwire.digest", "Digest", base.HEX),
    first = ProtoField.uint16("heapwire.first", "First"),
    span = ProtoField.uint32("heapwire.span", "Span"),
    ending = ProtoField.uint8("heapwire.ending", "Ending", base.HEX),
    packed = ProtoField.bytes("heapwire.packed", "Entries or operations"),
    entry = ProtoField.uint32("heapwire.entry", "Entry"),
    operation = ProtoField.uint8("heapwire.operation", "Operation", base.DEC, OPERATIONS),
    at = ProtoField.uint64("heapwire.operation.tick", "Tick"),
    depth = ProtoField.uint32("heapwire.depth", "Depth"),
    size = ProtoField.uint32("heapwire.size", "Size"),
    bytes = ProtoField.uint32("heapwire.bytes", "Bytes"),
    why = ProtoField.uint8("heapwire.why", "Why", base.DEC, CAUSES),
    owner = ProtoField.uint64("heapwire.owner", "Owner", base.HEX),
    address = ProtoField.uint64("heapwire.address", "Address", base.HEX),
    new_address = ProtoField.uint64("heapwire.new_address", "New address", base.HEX),
    gap = ProtoField.uint32("heapwire.gap", "Gap"),
    call_site = ProtoField.uint64("heapwire.call_site", "Call site", base.HEX),
    skipped = ProtoField.uint8("heapwire.operation.skipped", "Number", base.RANGE_STRING, SKIPPED),
    tag = ProtoField.uint64("heapwire.sums.tag", "Tag", base.HEX, nil, nil, "A call site; in a heap without call sites an owner"),
    sum_allocations = ProtoField.uint32("heapwire.sums.allocations", "Allocations", base.DEC, nil, nil, "Since the heap's last frame"),
    sum_bytes = ProtoField.uint64("heapwire.sums.bytes", "Bytes", base.DEC, nil, nil, "What these allocations asked for"),
    last_stored = ProtoField.uint32("heapwire.last_stored", "Last stored"),
    keyframe = ProtoField.bool("heapwire.keyframe", "Keyframe", 8, nil, 1),
    interval = ProtoField.uint32("heapwire.interval", "Interval"),
    wait = ProtoField.uint32("heapwire.wait", "Wait"),
    reason = ProtoField.uint32("heapwire.reason", "Reason", base.RANGE_STRING, REASONS),
    extension = ProtoField.uint16("heapwire.extension", "Extension", base.RANGE_STRING, EXTENSIONS),
    extension_length = ProtoField.uint16("heapwire.extension.length", "Length"),
    extension_bytes = ProtoField.bytes("heapwire.extension.bytes", "Bytes", base.SPACE),
    capability = ProtoField.uint16("heapwire.capability", "Capability", base.RANGE_STRING, CAPABILITIES),
    level = ProtoField.uint8("heapwire.level", "Level", base.RANGE_STRING, LEVELS),
}
local e = {
    malformed = ProtoExpert.new("heapwire.malformed", "A malformed frame", expert.group.MALFORMED, expert.severity.ERROR),
    rejected = ProtoExpert.new("heapwire.rejected", "A rejected frame", expert.group.SEQUENCE, expert.severity.WARN),
    no_hello = ProtoExpert.new("heapwire.no_hello", "No HELLO before it", expert.group.UNDECODED, expert.severity.NOTE),
    skipped = ProtoExpert.new("heapwire.skipped", "A frame of a later version", expert.group.UNDECODED, expert.severity.NOTE),
    summary = ProtoExpert.new("heapwire.summary", "A summary", expert.group.SEQUENCE, expert.severity.CHAT),
    lost = ProtoExpert.new("heapwire.operations_lost", "Operations are lost", expert.group.SEQUENCE, expert.severity.WARN),
    refused = ProtoExpert.new("heapwire.refused", "The collector refuses", expert.group.RESPONSE_CODE, expert.severity.NOTE),
    unfinished = ProtoExpert.new("heapwire.unfinished", "No frame yet", expert.group.REASSEMBLE, expert.severity.NOTE),
}
heapwire.fields, heapwire.experts = {}, {}
for _, field in pairs(f) do table.insert(heapwire.fields, field) end
for _, info in pairs(e) do table.insert(heapwire.experts, info) end

-- ---- Why a frame is malformed

local MALFORMED = {}

local function malformed(reason) error(setmetatable({reason = reason}, MALFORMED)) end

local function out_of_range() malformed("value out of range") end

-- ---- 1. The line

local PAYLOAD, LONGEST = 4096, 4096 + 4 + 17
-- So many bytes without a zero are shown as they are, not kept for more.
local HOPELESS = 65536

local bxor = bit and bit.bxor or bit32 and bit32.bxor or load("return function(a, b) return a ~ b end")()

local CRC = {}
for byte = 0, 255 do
    local value = byte
    for _ = 1, 8 do
        local half = math.floor(value / 2)
        value = value % 2 == 1 and bxor(half, 0xEDB88320) % 4294967296 or half
    end
    CRC[byte] = value
end

local function crc32(data)
    local value = 0xFFFFFFFF
    for at = 1, #data do value = bxor(CRC[bxor(value % 256, data:byte(at)) % 256], math.floor(value / 256)) % 4294967296 end
    return 0xFFFFFFFF - value
end

local function word(data, at)
    local a, b, c, d = data:byte(at, at + 3)
    return a + b * 0x100 + c * 0x10000 + d * 0x1000000
end

-- COBS without the ending zero.
local function unstuffed(block)
    local out, at = {}, 1
    while at <= #block do
        local code = block:byte(at)
        if at + code > #block + 1 then malformed("broken byte stuffing") end
        out[#out + 1] = block:sub(at + 1, at + code - 1)
        at = at + code
        if code < 255 and at <= #block then out[#out + 1] = "\0" end
    end
    return table.concat(out)
end

-- Payload and CRC of what stands between two zeros.
local function checked(block)
    if #block > LONGEST then malformed("oversized frame") end
    local frame = unstuffed(block)
    if #frame > PAYLOAD + 4 then malformed("oversized frame") end
    if #frame < 5 then malformed("truncated frame") end
    if crc32(frame:sub(1, -5)) ~= word(frame, #frame - 3) then malformed("checksum mismatch") end
    return frame
end

-- ---- 2. Numbers

local U32, TABLE, BLOCKS, NAME, IDENTIFIER = 4294967295, 65535, 1048576, 32, 64
local TWO_62 = UInt64.new(0, 0x40000000)
local ANY = UInt64.new(U32, U32)
local POWERS = {[0] = 1}
for power = 1, 32 do POWERS[power] = POWERS[power - 1] * 2 end

-- The fields of a payload from front to back. `data` is from `from` to `to` of the frame; places count from 0.
local Fields = {}
Fields.__index = Fields

function Fields.new(frame, tvb, from, to) return setmetatable({frame = frame, tvb = tvb, at = from, to = to, start = from}, Fields) end

function Fields:take(count)
    if count > self.to - self.at then malformed("truncated field") end
    self.start, self.at = self.at, self.at + count
    return self.frame:sub(self.start + 1, self.at)
end

-- The low 28 bits and those above.
function Fields:parts()
    local low, high, scale, start = 0, 0, 1, self.at
    for place = 0, 9 do
        local byte = self:take(1):byte()
        if place == 4 then scale = 1 end
        if place < 4 then low = low + byte % 128 * scale else high = high + byte % 128 * scale end
        scale = scale * 128
        if high >= 68719476736 then out_of_range() end
        if byte < 128 then
            self.start = start
            return low, high
        end
    end
    out_of_range()
end

function Fields:varint(least, most)
    local low, high = self:parts()
    local number = low + high * 268435456
    if number < least or number > most then out_of_range() end
    return number
end

function Fields:wide(most)
    local low, high = self:parts()
    local number = UInt64.new(low + high % 16 * 268435456, math.floor(high / 16))
    if most < number then out_of_range() end
    return number
end

-- Without control characters, and as UTF-8 has it: no longer than it must be, no surrogates, nothing above U+10FFFF.
local function is_text(raw)
    local at = 1
    while at <= #raw do
        local lead, second = raw:byte(at, at + 1)
        local more = lead < 0x80 and 0 or lead < 0xC2 and 9 or lead < 0xE0 and 1 or lead < 0xF0 and 2 or lead < 0xF5 and 3 or 9
        if lead < 0x20 or lead == 0x7F or at + more > #raw then return false end
        if more > 0 and not raw:sub(at + 1, at + more):find("^[\128-\191]+$") then return false end
        if lead == 0xC2 and second < 0xA0 or lead == 0xE0 and second < 0xA0 or lead == 0xED and second > 0x9F then return false end
        if lead == 0xF0 and second < 0x90 or lead == 0xF4 and second > 0x8F then return false end
        at = at + more + 1
    end
    return true
end

function Fields:text(least, most)
    local start = self.at
    local raw = self:take(self:varint(least, most))
    if not is_text(raw) then out_of_range() end
    self.start = start
    return raw
end

-- Shows the value that was read last.
function Fields:show(tree, field, value) return tree:add(field, self.tvb(self.start, self.at - self.start), value) end

function Fields:number(tree, field, least, most)
    local value = self:varint(least, most)
    return value, self:show(tree, field, value)
end

-- Fields that are numbers of at most 32 bits.
function Fields:numbers(tree, ...)
    for _, field in ipairs({...}) do self:number(tree, field, 0, U32) end
end

-- Returns the level, where there is one.
function Fields:extensions(tree)
    if self.to - self.at > 256 then malformed("trailing bytes") end
    local tag, level = 0, nil
    while self.at < self.to do
        local start = self.at
        tag = self:varint(tag + 1, 65535)
        local value = self:take(self:varint(0, 256))
        local item = tree:add(f.extension, self.tvb(start, self.at - start), tag)
        item:add(f.extension_length, #value):set_generated()
        if #value > 0 then item:add(f.extension_bytes, self.tvb(self.start, #value)) end
        for place = 0, tag == 1 and #value * 8 - 1 or -1 do
            local byte = value:byte(math.floor(place / 8) + 1)
            if math.floor(byte / POWERS[place % 8]) % 2 == 1 then
                item:add(f.capability, self.tvb(self.start + math.floor(place / 8), 1), place)
            end
        end
        if tag == 2 and #value == 1 then
            level = value:byte()
            item:add(f.level, self.tvb(self.start, 1), level)
        end
    end
    return level
end

-- ---- Bits

local Bits = {}
Bits.__index = Bits

-- From `from` to `to` of the frame; `at` counts bits.
function Bits.new(frame, tvb, from, to, heap)
    return setmetatable({
        frame = frame, tvb = tvb, at = from * 8, to = to * 8, heap = heap, site = UInt64.new(0), other = UInt64.new(0),
        owner_before = heap.base, left = {UInt64.new(0), UInt64.new(0)}, rate = 4,
        address_before = heap.base, freed = {UInt64.new(0), UInt64.new(0)}, allocated = {UInt64.new(0), UInt64.new(0)},
        eighths = 55, distances = 0,
    }, Bits)
end

function Bits:is_at_end()
    local rest = self.to - self.at
    return rest < 8 and (rest == 0 or math.floor(self.frame:byte(self.to / 8) / POWERS[8 - rest]) == 0)
end

function Bits:bits(count)
    if self.at + count > self.to then malformed("truncated field") end
    local number, scale = 0, 1
    while count > 0 do
        local used = self.at % 8
        local taken = math.min(8 - used, count)
        number = number + math.floor(self.frame:byte(math.floor(self.at / 8) + 1) / POWERS[used]) % POWERS[taken] * scale
        self.at, count, scale = self.at + taken, count - taken, scale * POWERS[taken]
    end
    return number
end

function Bits:zeros(most)
    local zeros = 0
    while zeros < most and self:bits(1) == 0 do zeros = zeros + 1 end
    return zeros
end

function Bits:size()
    local power = self:bits(3) + 3
    if power == 10 then power = 10 + self:bits(2) end
    if power == 13 then power = self:bits(5) end
    return POWERS[power] + self:bits(power)
end

function Bits:depth()
    while self:bits(1) == 0 do
        local width = math.floor(self.eighths / 8)
        local number = self:bits(width)
        if number < POWERS[width] - 1 then
            self.eighths = 2 * number < POWERS[width] - 1 and self.eighths - 1 or 8 * width + 7
            return number + 4 <= TABLE and number + 4 or out_of_range()
        end
        if width == 16 then out_of_range() end
        self.eighths = self.eighths + 8
    end
    return self:bits(2)
end

-- `before` and the distance whose zigzag number is this, around the end of what a pointer can hold.
function Bits:add(before, zigzag, scale)
    local half = zigzag:rshift(1) * UInt64.new(scale)
    local sum = zigzag:band(1) == UInt64.new(1) and before - half - UInt64.new(scale) or before + half
    return self.heap.width == 4 and sum:band(UInt64.new(U32, 0)) or sum
end

function Bits:distance(before)
    local count = self:bits(7)
    if count > 8 * self.heap.width then out_of_range() end
    if self.at + count > self.to then malformed("truncated field") end
    local low = self:bits(math.min(count, 32))
    return self:add(before, UInt64.new(low, self:bits(math.max(count - 32, 0))), 1)
end

-- The address, and a word on it where it is not written as a distance. A reader without a table does not know which variables were
-- left by free and reown: their owners are 0.
-- An owner or an address: nil for none. What it is besides, when it is one of those that are remembered: 1 or 2.
function Bits:reference(before, remembered, unit)
    local zeros = self:zeros(6)
    local is_latest = zeros == self.distances
    if not is_latest and zeros < 5 then
        local quotient = zeros > self.distances and zeros - 1 or zeros
        self.distances = math.min(self.distances + 1, 3)
        if zeros < 4 then return self:add(before, UInt64.new(quotient * 64 + self:bits(6)), unit) end
        return self:distance(before)
    end
    self.distances = 0
    if not is_latest and zeros == 6 then return nil end
    if not remembered then out_of_range() end
    local place = is_latest and 1 or 2
    local found = table.remove(remembered, place)
    remembered[2] = UInt64.new(0)
    return found, place
end

function Bits:owner()
    local owner, place = self:reference(self.owner_before, self.left, self.heap.width)
    if not owner then return UInt64.new(0), "none" end
    self.owner_before = owner
    return owner, place and (place == 1 and "the variable that was left last" or "the variable that was left before the last")
end

-- An address in a watched heap; two forms stand for those in `remembered`.
function Bits:address(remembered)
    local address = self:reference(self.address_before, remembered, self.heap.alignment) or out_of_range()
    self.address_before = address
    return address
end

function Bits:listed() return self:address() end
function Bits:comes() return self:address(self.freed), "of a block that comes" end
function Bits:goes() return self:address(self.allocated), "of a block that goes" end

function Bits:allocate(address) self.allocated = {address, self.allocated[1]} end
function Bits:free(address) self.freed = {address, self.freed[1]} end

function Bits:leave(owner) self.left = {owner, self.left[1]} end

function Bits:call_site()
    if self:bits(1) == 1 then
        local site = self.other
        if self:bits(1) == 1 then site = self:distance(self.site) end
        self.site, self.other = site, self.site
    end
    return self.site
end

function Bits:ticks()
    local power = math.floor(self.rate / 4)
    local quotient = self:zeros(6)
    if quotient < 6 then
        self.rate = math.min(math.max(self.rate + quotient - 1, 0), 63)
        return quotient * POWERS[power] + self:bits(power)
    end
    power = self:bits(5)
    self.rate = math.min(4 * power, 63)
    return POWERS[power] + self:bits(power)
end

-- The bytes that have the bits from `start` to here.
function Bits:range(start)
    local first = math.floor(start / 8)
    return self.tvb(first, math.floor((self.at - 1) / 8) - first + 1)
end

-- Reads with a method of its own name, and shows the value.
function Bits:show(tree, field, method)
    local start = self.at
    local value, note = self[method](self)
    local item = tree:add(field, self:range(start), value)
    if note then item:append_text(" (" .. note .. ")") end
    return value, note
end

-- ---- 3. Frames from the device

local function version(fields, tree)
    local low, high = fields:parts()
    local number = low + high * 268435456
    if number ~= 2 then malformed("unknown format version") end
    fields:show(tree, f.version, number)
end

-- A heap as HELLO announces it.
local function layout(fields, tree, width, heaps)
    local number, item = fields:number(tree, f.heap, 0, 255)
    if heaps[number] then out_of_range() end
    local name = fields:text(0, NAME)
    fields:show(item, f.name, name)
    local start = fields:wide(ANY)
    fields:show(item, f.base, start)
    local size = fields:number(item, f.heap_size, 0, U32)
    local alignment = fields:number(item, f.alignment, 1, 65536)
    local most = fields:number(item, f.table, 1, BLOCKS)
    local traits, bits = fields:number(item, f.traits, 0, 7)
    fields:show(bits, f.lazy, traits)
    fields:show(bits, f.call_sites, traits)
    fields:show(bits, f.watched, traits)
    local lazy, call_sites, watched = traits % 2 == 1, traits % 4 >= 2, traits >= 4
    if watched and lazy or not watched and most > TABLE then out_of_range() end
    local last = start + UInt64.new(size)
    if last < start or width == 4 and UInt64.new(U32) < last then out_of_range() end
    local odd = alignment
    while odd % 2 == 0 do odd = odd / 2 end
    if odd ~= 1 then out_of_range() end
    item:append_text(" " .. name)
    heaps[number] = {base = start, width = width, alignment = alignment, lazy = lazy, call_sites = call_sites, watched = watched}
end

local function hello(fields, tree, place)
    version(fields, tree)
    local flags = fields:varint(0, 1)
    fields:show(tree, f.one_way, flags)
    local device = fields:text(1, IDENTIFIER)
    fields:show(tree, f.device, device)
    local build = fields:text(0, IDENTIFIER)
    fields:show(tree, f.build, build)
    local boot = fields:number(tree, f.boot, 0, U32)
    fields:number(tree, f.ticks_per_second, 1, 1000000000)
    local tick = fields:wide(TWO_62)
    fields:show(tree, f.tick, tick)
    fields:number(tree, f.oldest, 1, U32)
    local width = fields:number(tree, f.pointer_width, 4, 8)
    if width ~= 4 and width ~= 8 then out_of_range() end
    local heaps = {}
    for _ = 1, (fields:number(tree, f.heaps, 0, 16)) do layout(fields, tree, width, heaps) end
    fields:extensions(tree)
    -- A HELLO that is malformed changes nothing.
    place:announce(heaps)
    return "HELLO " .. device .. " boot " .. boot
end

local function figures(fields, tree)
    fields:numbers(tree, f.used, f.gaps)
    fields:number(tree, f.count, 0, BLOCKS)
    fields:numbers(tree, f.peak)
    for _, field in ipairs({f.allocations, f.frees, f.failures, f.moves, f.bytes_moved}) do
        local total = fields:wide(TWO_62)
        if total == TWO_62 then out_of_range() end
        fields:show(tree, field, total)
    end
    local lost, item = fields:number(tree, f.lost, 0, U32)
    fields:show(tree, f.digest, word(fields:take(4), 1))
    return lost, item
end

-- An expert info on what the figures have; a summary leaves its operations out.
local function missing(lost, item, is_summary)
    if lost == 0 then return end
    if is_summary then
        item:add_proto_expert_info(e.summary, lost .. " operations are summed up")
    else
        item:add_proto_expert_info(e.lost, lost .. " operations are lost before this frame")
    end
end

-- By `first` of a watched heap.
local LISTS = {[0] = "", " that go on", " as it can't be listed"}

local function entries(bits, tree, first)
    local index, last = first, nil
    while not bits:is_at_end() do
        local start = bits.at
        local item = tree:add(f.entry, bits.tvb(math.floor(start / 8), 1), index)
        local size = bits:show(item, f.size, "size")
        if bits.heap.watched then
            local address = bits:show(item, f.address, "listed")
            if last and not (last < address) then out_of_range() end
            last = address
            item:append_text(": size " .. size .. ", address 0x" .. address:tohex())
        else
            local owner, note = bits:show(item, f.owner, "owner")
            if note and note ~= "none" then out_of_range() end
            item:append_text(": size " .. size .. ", owner 0x" .. owner:tohex())
        end
        if bits.heap.lazy then bits:show(item, f.gap, "gap") end
        if bits.heap.call_sites then bits:show(item, f.call_site, "call_site") end
        item:set_len(bits:range(start):len())
        index = index + 1
    end
    return index - first
end

local WATCHED_HAS = {alloc = true, free = true, resize = true, failed = true, reset = true, skipped = true}

function Bits:gap() return self:bits(1) == 1 and 0 or self:size() end

function Bits:kind()
    local kind = self:zeros(4)
    if kind == 3 then kind = 3 + self:bits(1) elseif kind == 4 then kind = 8 + self:bits(3) end
    local name = OPERATIONS[kind]
    if name == "reserved" or name == "compact" and not self.heap.lazy or self.heap.watched and not WATCHED_HAS[name] then
        out_of_range()
    end
    return kind
end

function Bits:byte() return self:bits(8) end

function Bits:why()
    local why = self:bits(2)
    return why < 3 and why or out_of_range()
end

local HAS = {
    depth = {free = true, resize = true, reown = true, orphan = true, compact = true},
    size = {alloc = true, resize = true, failed = true},
    owner = {alloc = true, reown = true, failed = true, ["bad-pointer"] = true},
    call_site = {alloc = true, failed = true},
}

-- What the allocations of a heap came to, of others and then by tag, and where that is in the data; nil when it can't be read.
local function sums(bits, data)
    local heap, fields, rows, seen, tag = bits.heap, Fields.new(data, nil, 0, #data), {}, {}, UInt64.new(0)
    local function read()
        repeat
            local row = {from = fields.at}
            if #rows > 0 then
                tag = bits:add(tag, fields:wide(ANY), 1)
                -- Each comes once, and a watched heap without call sites has none.
                if seen[tag:tohex()] or heap.watched and not heap.call_sites then out_of_range() end
                seen[tag:tohex()], row.tag = true, tag
            end
            row.allocations, row.bytes = fields:varint(0, U32), fields:wide(TWO_62)
            if row.bytes == TWO_62 then out_of_range() end
            row.to = fields.at
            rows[#rows + 1] = row
        until fields.at == fields.to
    end
    local is_sound, reason = pcall(read)
    if not is_sound and getmetatable(reason) ~= MALFORMED then error(reason, 0) end
    return is_sound and rows or nil
end

-- What alloc, free, resize and reset have in a watched heap, but for the call site; returns its words.
local function places(bits, item, name)
    local none = UInt64.new(0)
    if name == "alloc" then
        local size = bits:show(item, f.size, "size")
        local address = bits:show(item, f.address, "comes")
        bits:allocate(address)
        return " size " .. size .. " address 0x" .. address:tohex()
    elseif name == "reset" then
        bits.address_before, bits.freed, bits.allocated = none, {none, none}, {none, none}
        return ""
    end
    local address = bits:show(item, f.address, "goes")
    local words = " address 0x" .. address:tohex()
    if name == "free" then
        bits:free(address)
        return words
    end
    words = words .. " size " .. bits:show(item, f.size, "size")
    if bits:bits(1) == 0 then
        bits:allocate(address)
        return words
    end
    local to = bits:show(item, f.new_address, "comes")
    bits:free(address)
    bits:allocate(to)
    return words .. " to 0x" .. to:tohex()
end

-- A varint of `data` that is at most `most`, and where the next one starts; nil when it can't be read.
local function varint(data, start, most)
    local value, place = 0, 1
    for at = start, math.min(#data, start + 9) do
        local byte = data:byte(at)
        value, place = value + byte % 128 * place, place * 128
        if byte < 128 then
            if value > most then return nil end
            return value, at + 1
        end
    end
    return nil
end

-- The depth of a pin or unpin; nil when it can't be read.
local function pinned(data)
    local depth, next_at = varint(data, 1, 65534)
    return next_at == #data + 1 and depth or nil
end

-- How full a recorder got: the most bytes, and all of them; nil when it can't be read.
local function filled(data)
    local most, next_at = varint(data, 1, 4294967295)
    if not most then return nil end
    local size, end_at = varint(data, next_at, 4294967295)
    if end_at ~= #data + 1 or size == 0 or most > size then return nil end
    return most, size
end

-- Of an operation that is passed over: its number, and so many bytes. A pin has a depth, a recorder two numbers, and both have names.
-- Sums are shown when they can be read and are the frame's first ones.
local function skipped(bits, item)
    local number = bits:show(item, f.skipped, "byte")
    local count = bits:byte()
    local start, data = bits.at, {}
    for place = 1, count do data[place] = string.char(bits:byte()) end
    local function show(field, value)
        local first, last = math.floor(start / 8), math.floor((start + 8 * count - 1) / 8)
        item:add(field, bits.tvb(first, last - first + 1), value)
    end
    local depth = PINS[number] and not bits.heap.watched and pinned(table.concat(data))
    if depth then
        show(f.depth, depth)
        return " depth " .. depth, PINS[number]
    end
    local most, size = nil, nil
    if number == RECORDER then most, size = filled(table.concat(data)) end
    if most then
        show(f.bytes, most)
        show(f.size, size)
        return " bytes " .. most .. ", size " .. size, "recorder"
    end
    if number ~= SUMS or bits.sums then return "" end
    local rows = sums(bits, table.concat(data))
    if not rows then return " sums that can't be read" end
    bits.sums = true
    for _, row in ipairs(rows) do
        local first, last = math.floor((start + 8 * row.from) / 8), math.floor((start + 8 * row.to - 1) / 8)
        local range = bits.tvb(first, last - first + 1)
        local under = row.tag and item:add(f.tag, range, row.tag) or item
        under:add(f.sum_allocations, range, row.allocations)
        under:add(f.sum_bytes, range, row.bytes)
        if row.tag then under:append_text(": " .. row.allocations .. " of " .. tostring(row.bytes) .. " bytes") end
    end
    local others = rows[1].allocations .. " of " .. tostring(rows[1].bytes) .. " bytes"
    return " sums of " .. #rows - 1 .. " tags, others " .. others
end

-- What an operation has after its ticks; returns its words, and its name where that is another one.
local function operation(bits, item, name)
    local words, why, owner, note = "", nil, nil, nil
    if name == "skipped" then return skipped(bits, item) end
    if bits.heap.watched and name ~= "failed" then
        words = places(bits, item, name)
        if name == "alloc" and bits.heap.call_sites then bits:show(item, f.call_site, "call_site") end
        return words
    end
    if HAS.depth[name] then words = " depth " .. bits:show(item, f.depth, "depth") end
    if name == "failed" then why = bits:show(item, f.why, "why") end
    if why == 2 then
        item:add(f.size, 0):set_generated()
        words = " size 0"
    elseif HAS.size[name] then
        words = words .. " size " .. bits:show(item, f.size, "size")
    elseif name == "compact" then
        words = words .. " bytes " .. bits:show(item, f.bytes, "size")
    end
    if why then words = words .. ", " .. CAUSES[why] end
    if HAS.owner[name] and not bits.heap.watched then
        owner, note = bits:show(item, f.owner, "owner")
        words = words .. " owner " .. (note or "0x" .. owner:tohex())
    end
    if HAS.call_site[name] and bits.heap.call_sites then bits:show(item, f.call_site, "call_site") end
    if name == "free" or name == "reown" then
        bits:leave(UInt64.new(0))
    elseif owner and (name == "failed" or name == "bad-pointer") and owner ~= UInt64.new(0) then
        bits:leave(owner)
    elseif name == "reset" then
        bits.owner_before, bits.left = UInt64.new(0), {UInt64.new(0), UInt64.new(0)}
    end
    return words
end

-- Returns how many there are, those that are passed over not included.
local function operations(bits, tree, tick, span)
    local count, elapsed = 0, 0
    while not bits:is_at_end() do
        local start = bits.at
        local kind = bits:kind()
        local name = OPERATIONS[kind]
        local item = tree:add(f.operation, bits:range(start), kind)
        local place = bits.at
        elapsed = elapsed + bits:ticks()
        local words, told = operation(bits, item, name)
        if elapsed > span then out_of_range() end
        local at = tick + UInt64.new(elapsed)
        item:add(f.at, bits.tvb(math.floor(place / 8), 1), at)
        item:set_len(bits:range(start):len())
        item:set_text("Tick " .. tostring(at) .. ": " .. (told or name) .. words)
        if name ~= "skipped" then count = count + 1 end
    end
    return count
end

-- KEYFRAME or DELTA. Without the heap's layout, its entries or operations can't be read.
local function state_frame(fields, tree, place, kind, has_heap)
    local sequence = fields:number(tree, f.sequence, 1, U32)
    local number = 0
    if has_heap then number = fields:number(tree, f.heap, 1, 255) else tree:add(f.heap, 0):set_generated() end
    local tick = fields:wide(TWO_62)
    fields:show(tree, f.tick, tick)
    local words = (kind == 2 and "KEYFRAME" or "DELTA") .. " seq " .. sequence .. " heap " .. number
    local heaps = place:heaps()
    local heap = heaps and heaps[number]
    if heaps and not heap then
        tree:add_proto_expert_info(e.rejected, "rejected: frame of heap " .. number .. ", which no HELLO announced")
        return words .. " rejected"
    end
    local from, to, first, span = fields.at, fields.to, 0, 0
    local lost, lost_item = 0, nil
    if kind == 2 then
        lost, lost_item = figures(fields, tree)
        local watched = heap and heap.watched
        first = fields:number(tree, f.first, 0, watched and 2 or TABLE)
        from = fields.at
        if watched and first == 2 and from < to then malformed("trailing bytes") end
    else
        -- What is at the end is found by its length, which is the last byte.
        local ending = fields.frame:byte(fields.to)
        to = fields.to - 1 - ending % 128
        if to < from then malformed("truncated field") end
        tree:add(f.ending, fields.tvb(fields.to - 1, 1), ending)
        fields.at, fields.to = to, fields.to - 1
        span = fields:number(tree, f.span, 0, U32)
        local moment = tick + UInt64.new(span)
        if ending >= 128 then
            lost, lost_item = figures(fields, tree)
        else
            local low, high = fields:take(2):byte(1, 2)
            fields:show(tree, f.digest, low + high * 256)
        end
        if fields.at < fields.to then malformed("trailing bytes") end
        if TWO_62 < moment then out_of_range() end
        tree:add(f.moment, moment):set_generated()
    end
    if not heap then
        missing(lost, lost_item, false)
        if from < to then tree:add(f.packed, fields.tvb(from, to - from)) end
        local text = "The HELLO of this connection is not in the capture: entries and operations can't be read without it"
        tree:add_proto_expert_info(e.no_hello, text)
        return words
    end
    local bits = Bits.new(fields.frame, fields.tvb, from, to, heap)
    if kind == 2 then
        -- Entries of a watched heap have no numbers: these count from the part's first one.
        local count = entries(bits, tree, heap.watched and 0 or first)
        local place = heap.watched and LISTS[first] or first > 0 and " from " .. first or ""
        missing(lost, lost_item, false)
        return words .. " " .. count .. " entries" .. place
    end
    local count = operations(bits, tree, tick, span)
    local is_summary = lost > 0 and bits.sums
    missing(lost, lost_item, is_summary)
    return words .. (is_summary and " summary, " or " ") .. count .. " operations"
end

-- ---- 4. Frames from the collector

local REPLIES = {
    [0x41] = function(fields, tree)
        version(fields, tree)
        local boot = fields:number(tree, f.boot, 0, U32)
        return "WELCOME boot " .. boot .. " stored " .. fields:number(tree, f.last_stored, 0, U32 - 1)
    end,
    [0x42] = function(fields, tree)
        fields:numbers(tree, f.boot)
        return "ACK seq " .. fields:number(tree, f.sequence, 0, U32)
    end,
    [0x43] = function(fields, tree)
        fields:numbers(tree, f.boot)
        local wish = fields:number(tree, f.keyframe, 0, 1)
        local interval = fields:number(tree, f.interval, 0, U32)
        return "REQUEST" .. (wish == 1 and " keyframe" or "") .. (interval > 0 and " interval " .. interval or "")
    end,
    [0x60] = function(fields, tree)
        fields:numbers(tree, f.boot, f.wait)
        local reason, item = fields:number(tree, f.reason, 0, U32)
        for _, range in ipairs(REASONS) do
            if reason >= range[1] and reason <= range[2] then
                item:add_proto_expert_info(e.refused, "The collector refuses: " .. range[3])
            end
        end
        return "REFUSE reason " .. reason
    end,
}

-- ---- Frames in a capture

-- What stands between two zeros. Returns its words for the list of packets.
local function read_frame(block, tree, place)
    local frame = checked(block)
    local tvb = ByteArray.new(frame, true):tvb("HeapWire frame")
    local type = frame:byte()
    local has_heap = type == 18 or type == 19
    local kind = has_heap and type - 16 or type
    tree:add(f.type, tvb(0, 1), kind)
    tree:add(f.checksum, tvb(#frame - 4, 4), word(frame, #frame - 3))
    local fields = Fields.new(frame, tvb, 1, #frame - 4)
    if kind == 1 then return hello(fields, tree, place) end
    if kind == 2 or kind == 3 then return state_frame(fields, tree, place, kind, has_heap) end
    if REPLIES[kind] then
        local words = REPLIES[kind](fields, tree)
        local level = fields:extensions(tree)
        return words .. (kind == 0x43 and level and " level " .. level or "")
    end
    if type % 128 < 32 or type >= 128 or type >= 64 and type < 96 then malformed("unknown frame type") end
    local words = string.format("skipped: frame of type 0x%x", type)
    tree:add_proto_expert_info(e.skipped, words)
    return words
end

-- The heaps of the last HELLO of each connection; and what they were when a KEYFRAME or DELTA was read for the first time. Packets
-- are read again in any order, and the pieces in which their frames come are others then.
local announced, known = {}, {}

function heapwire.init() announced, known = {}, {} end

-- Where a frame is: in which connection and packet, and where there. A connection is known by its ports: fields of other protocols, such
-- as tcp.stream, are not there in the first pass. When they are used again, a HELLO comes first.
local Place = {}
Place.__index = Place

function Place:announce(heaps)
    -- While a capture goes on, old packets are read again between new ones.
    if not self.visited then announced[self.stream] = heaps end
end

function Place:heaps()
    local key = table.concat({self.stream, self.packet, #self.block, self.block:sub(-8)}, " ")
    known[key] = known[key] or {}
    if not self.visited then table.insert(known[key], {at = self.at, heaps = announced[self.stream]}) end
    -- There is one, unless a packet has the same bytes twice.
    local found = known[key][1] or {}
    for _, other in ipairs(known[key]) do
        if other.at == self.at then found = other end
    end
    return found.heaps
end

local function show_frame(range, tree, place)
    local item = tree:add(heapwire, range)
    place.block = range:raw(0, range:len() - 1)
    local is_sound, words = pcall(read_frame, place.block, item, place)
    if not is_sound then
        -- Anything else is a mistake of this script.
        if getmetatable(words) ~= MALFORMED then error(words, 0) end
        words = "malformed: " .. words.reason
        item:add_proto_expert_info(e.malformed, words)
    end
    item:set_text("HeapWire, " .. words)
    return words
end

function heapwire.dissector(tvb, pinfo, root)
    pinfo.cols.protocol = "HeapWire"
    local ends = {tostring(pinfo.src), pinfo.src_port, tostring(pinfo.dst), pinfo.dst_port}
    local place = setmetatable({stream = table.concat(ends, " "), packet = pinfo.number, visited = pinfo.visited}, Place)
    local data, at, words = tvb:raw(), 0, {}
    while at < #data do
        local zero = data:find("\0", at + 1, true)
        if zero == at + 1 then
            -- Zeros between frames mean nothing.
            at = zero
        elseif zero then
            place.at = tvb:offset() + at
            words[#words + 1] = show_frame(tvb(at, zero - at), root, place)
            at = zero
        elseif pinfo.can_desegment > 0 and #data - at <= HOPELESS then
            pinfo.desegment_offset, pinfo.desegment_len = at, DESEGMENT_ONE_MORE_SEGMENT
            break
        else
            local item = root:add(heapwire, tvb(at))
            item:add_proto_expert_info(e.unfinished, "no frame yet: no zero ends it")
            at = #data
        end
    end
    if #words > 0 then pinfo.cols.info = table.concat(words, "; ") end
end

local tcp_ports, port = DissectorTable.get("tcp.port"), heapwire.prefs.port
tcp_ports:add(port, heapwire)

function heapwire.prefs_changed()
    if port == heapwire.prefs.port then return end
    tcp_ports:remove(port, heapwire)
    port = heapwire.prefs.port
    tcp_ports:add(port, heapwire)
end
