// SPDX-License-Identifier: Apache-2.0
//
// What a firmware prints of one of its heaps: from heap_t itself. Recorder, format and collector have no part in it.

struct FirmwareTruth: Decodable {
    let boot: UInt32
    let name: String
    let record: TruthRecord

    private enum Key: CodingKey { case boot, name }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        boot = try fields.decode(UInt32.self, forKey: .boot)
        name = try fields.decode(String.self, forKey: .name)
        record = try TruthRecord(from: decoder)
    }
}
