// SPDX-License-Identifier: Apache-2.0
//
// The body of `PUT /v1/devices/{device}/detail`: `{"detail":"summary"}`, `{"detail":"full"}` or `{"detail":null}`.

public struct DetailWish: Codable, Equatable, Sendable {
    /// Nil, in JSON null: nothing is to be said to the device.
    public var detail: DeviceDetail.Level?

    public init(_ detail: DeviceDetail.Level?) { self.detail = detail }

    private enum CodingKeys: String, CodingKey {
        case detail
    }

    /// The key must be there: an empty object is no wish.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        detail = try fields.decode(DeviceDetail.Level?.self, forKey: .detail)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(detail, forKey: .detail)
    }
}
