// SPDX-License-Identifier: Apache-2.0
//
// Writes the JSON of `HistoryCoding.encoder()`, byte for byte, without what makes Foundation's encoder slow: it
// converts and sorts the keys of every object. A collector answers with thousands of them.

public struct JSONWriter: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    /// Bytes that were written since the last ``removeAll()``.
    public private(set) var count = 0
    private var capacity: Int
    /// Something stands before, in this object or array.
    private var needsComma: Bool

    /// - Parameter isWithinList: another writer has begun an array, and this one goes on after an element of it.
    public init(reserving capacity: Int = 4096, isWithinList: Bool = false) {
        self.capacity = max(capacity, 64)
        needsComma = isWithinList
        start = .allocate(capacity: self.capacity)
    }

    deinit { start.deallocate() }

    /// What was written so far.
    public borrowing func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        try body(UnsafeBufferPointer(start: start, count: count))
    }

    /// Returns what was written so far, and forgets it: an answer can be sent in pieces.
    public mutating func removeAll() {
        count = 0
    }

    // MARK: Objects and arrays that are written piece by piece

    public mutating func beginObject() { begin(UInt8(ascii: "{")) }
    public mutating func endObject() { end(UInt8(ascii: "}")) }

    /// Begins a field of the object, until ``endArray()``.
    public mutating func beginArray(_ key: StaticString) {
        self.key(key)
        needsComma = false
        begin(UInt8(ascii: "["))
    }

    public mutating func endArray() { end(UInt8(ascii: "]")) }

    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        begin(UInt8(ascii: "{"))
        body(&self)
        end(UInt8(ascii: "}"))
    }

    /// An object that was encoded already.
    public mutating func object(encoded text: UnsafeBufferPointer<UInt8>) {
        separate()
        raw(text)
        needsComma = true
    }

    // MARK: Fields of an object

    public mutating func field(_ key: StaticString, _ value: some BinaryInteger) {
        self.key(key)
        number(Int64(clamping: value))
    }

    public mutating func field(_ key: StaticString, _ value: Int?) {
        if let value { field(key, value) }
    }

    public mutating func field(_ key: StaticString, _ value: Bool) {
        self.key(key)
        raw(value ? "true" : "false")
    }

    public mutating func field(_ key: StaticString, _ value: String) {
        self.key(key)
        text(value)
    }

    public mutating func field(_ key: StaticString, _ value: Timestamp?) {
        guard let value else { return }
        self.key(key)
        reserve(Timestamp.characters + 2)
        put(UInt8(ascii: "\""))
        value.write { put($0) }
        put(UInt8(ascii: "\""))
    }

    public mutating func field(_ key: StaticString, _ value: Address?) {
        guard let value else { return }
        self.key(key)
        reserve(Address.mostCharacters + 2)
        put(UInt8(ascii: "\""))
        value.write { put($0) }
        put(UInt8(ascii: "\""))
    }

    public mutating func field(_ key: StaticString, _ value: some JSONWritable) {
        self.key(key)
        needsComma = false
        value.write(to: &self)
        needsComma = true
    }

    public mutating func field(_ key: StaticString, _ values: [some JSONWritable]) {
        self.key(key)
        needsComma = false
        begin(UInt8(ascii: "["))
        for value in values { value.write(to: &self) }
        end(UInt8(ascii: "]"))
    }

    /// An object whose keys are texts from outside.
    public mutating func field(_ key: StaticString, _ texts: [String: String]) {
        self.key(key)
        needsComma = false
        begin(UInt8(ascii: "{"))
        for (name, value) in texts.sorted(by: { $0.key < $1.key }) {
            separate()
            text(name)
            reserve(1)
            put(UInt8(ascii: ":"))
            text(value)
            needsComma = true
        }
        end(UInt8(ascii: "}"))
    }

    // MARK: Pieces

    private mutating func begin(_ bracket: UInt8) {
        separate()
        reserve(1)
        put(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        reserve(1)
        put(bracket)
        needsComma = true
    }

    private mutating func separate() {
        reserve(1)
        if needsComma { put(UInt8(ascii: ",")) }
    }

    private mutating func key(_ key: StaticString) {
        separate()
        reserve(key.utf8CodeUnitCount + 3)
        put(UInt8(ascii: "\""))
        raw(key)
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ":"))
        needsComma = true
    }

    private mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { raw($0) }
    }

    private mutating func raw(_ characters: UnsafeBufferPointer<UInt8>) {
        reserve(characters.count)
        guard let first = characters.baseAddress else { return }
        (start + count).initialize(from: first, count: characters.count)
        count += characters.count
    }

    private mutating func number(_ value: Int64) {
        reserve(20)
        if value < 0 { put(UInt8(ascii: "-")) }
        value.magnitude.writeDigits(atLeast: 1) { put($0) }
    }

    private mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { characters in
            // The longest escape has six characters.
            reserve(characters.count * 6 + 2)
            put(UInt8(ascii: "\""))
            if characters.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
                for character in characters { escaped(character) }
            } else {
                raw(characters)
            }
            put(UInt8(ascii: "\""))
        }
    }

    private mutating func escaped(_ character: UInt8) {
        switch character {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case 0x08: raw("\\b")
        case 0x09: raw("\\t")
        case 0x0A: raw("\\n")
        case 0x0C: raw("\\f")
        case 0x0D: raw("\\r")
        case ..<0x20:
            raw("\\u00")
            put((character >> 4).hexadecimal)
            put((character & 15).hexadecimal)
        default: put(character)
        }
    }

    /// Room for `more` bytes, which are put without asking again.
    private mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(by: more) }
    }

    private mutating func put(_ byte: UInt8) {
        precondition(count < capacity)
        start[count] = byte
        count += 1
    }

    @inline(never)
    private mutating func grow(by more: Int) {
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.moveInitialize(from: start, count: count)
        start.deallocate()
        start = larger
    }
}

extension UInt64 {
    /// Decimal digits, with zeros before them up to a number of digits.
    func writeDigits(atLeast fewest: Int, _ write: (UInt8) -> Void) {
        var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
        var (rest, count) = (self, 0)
        while rest > 0 || count < fewest {
            digits[count] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            count += 1
        }
        while count > 0 {
            count -= 1
            write(digits[count])
        }
    }
}

extension UInt8 {
    /// The digit of a number below 16.
    var hexadecimal: UInt8 { self < 10 ? UInt8(ascii: "0") + self : UInt8(ascii: "a") + self - 10 }
}
