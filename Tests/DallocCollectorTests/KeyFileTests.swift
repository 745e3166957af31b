// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import DallocCollector

struct KeyFileTests {
    private static let key = "00112233445566778899aabbccddeeff"

    @Test func eachLineIsAKeyOfADevice() throws {
        let file = try KeyFile("# a comment\r\n\n  pump-1:\(Self.key)  \nurn:pump:2:\(Self.key.uppercased())aA\n")
        #expect(file.identities == ["pump-1", "urn:pump:2"])
        #expect(file.key(of: "pump-1").map { Array($0) } == (0..<16).map { UInt8($0) * 17 })
        #expect(file.key(of: "urn:pump:2")?.count == 17)
        #expect(file.key(of: "pump") == nil && file.key(of: "") == nil)
        #expect(try KeyFile("").count == 0)
    }

    @Test(arguments: [
        ("pump-1", "is not DEVICE:KEY"), (":\(key)", "is not DEVICE:KEY"), ("pump-1:", "a key of 0 bytes"),
        ("pump-1:0011", "a key of 2 bytes"), ("pump-1:\(key)f", "not an even number"),
        ("pump-1:\(key)fg", "not an even number"), ("pump-1:\(key)１１", "not an even number"),
        ("pump-1:" + String(repeating: "ab", count: 65), "a key of 65 bytes"),
        ("pump-1:\(key)\npump-1:\(key)", "has a device that came before"),
    ])
    func whatIsWrongIsSaidWithoutTheKey(text: String, cause: String) {
        let error = #expect(throws: KeyFile.BadLine.self) { try KeyFile("\n" + text) }
        #expect(error?.description.contains(cause) == true)
        #expect(error?.number == text.split(separator: "\n").count + 1)
        #expect(error?.description.contains(Self.key) == false)
    }
}
