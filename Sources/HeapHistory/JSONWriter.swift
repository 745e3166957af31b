// Writes the JSON of `HistoryCoding.encoder()`, byte for byte, without what makes Foundation's encoder slow: it converts and sorts
// the keys of every object. A collector answers with thousands of them.

public protocol JSONWritable {
    /// Writes an object with its keys in the order of the alphabet.
    func write(to json: inout JSONWriter)
}

public struct JSONWriter {
    public private(set) var bytes: [UInt8] = []
    /// Something stands before, in this object or array.
    private var needsComma = false

    public init(reserving capacity: Int = 4096) {
        bytes.reserveCapacity(capacity)
    }

    public mutating func object(_ body: (inout JSONWriter) -> Void) {
        begin(UInt8(ascii: "{"))
        body(&self)
        end(UInt8(ascii: "}"))
    }

    // MARK: Fields of an object

    public mutating func field(_ key: StaticString, _ value: some BinaryInteger) {
        self.key(key)
        number(Int64(value))
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
        bytes.append(UInt8(ascii: "\""))
        value.write { bytes.append($0) }
        bytes.append(UInt8(ascii: "\""))
    }

    public mutating func field(_ key: StaticString, _ value: Address?) {
        guard let value else { return }
        self.key(key)
        bytes.append(UInt8(ascii: "\""))
        value.write { bytes.append($0) }
        bytes.append(UInt8(ascii: "\""))
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

    // MARK: Pieces

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func key(_ key: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        raw(key)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = true
    }

    private mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private mutating func number(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        value.magnitude.writeDigits(atLeast: 1) { bytes.append($0) }
    }

    private mutating func text(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { characters in
            guard characters.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") })
            else { return bytes.append(contentsOf: characters) }
            for character in characters { escaped(character) }
        }
        bytes.append(UInt8(ascii: "\""))
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
            for digit in [character >> 4, character & 15] { bytes.append(digit.hexadecimal) }
        default: bytes.append(character)
        }
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
