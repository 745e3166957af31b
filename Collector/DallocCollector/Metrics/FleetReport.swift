// SPDX-License-Identifier: Apache-2.0
//
// Writes figures of the fleet in the text format of Prometheus, a piece at a time. The format wants all samples of a name in one place,
// so the devices are gone through once for each name.

internal import HeapHistory
internal import NIOCore

struct FleetReport {
    /// A device, and the labels of all that is told of it.
    private struct Labelled {
        let device: FleetDevice
        let labels: String
        let heaps: [String]
    }

    private let devices: [Labelled]
    private let leftOut: Int
    /// Bytes that are sent at a time.
    private static let slice = 65_536

    init(_ figures: FleetFigures) {
        leftOut = figures.leftOut
        devices = figures.devices.map { device in
            let id = device.summary.id
            return Labelled(
                device: device, labels: PrometheusText.labels([("device", id)]),
                heaps: device.heaps.map {
                    PrometheusText.labels([("device", id), ("heap", $0.name), ("build", device.summary.build)])
                })
        }
    }

    func write(_ send: (ByteBuffer) async throws -> Void) async throws {
        var text = ByteBuffer()
        text.writeString(
            PrometheusText.render([
                .gauge(
                    "dalloc_fleet_devices", "Devices that were asked for.",
                    Double(devices.count.addingClamped(leftOut))),
                .gauge(
                    "dalloc_fleet_devices_left_out",
                    "Those of them that are not in this answer: it has as many devices or series as it may.",
                    Double(leftOut)),
            ]))
        for family in FleetFamily.all {
            text.writeString(
                PrometheusText.head(family.name, family.isCounter ? "counter" : "gauge", family.help))
            for device in devices {
                Self.write(family, device, to: &text)
                guard text.readableBytes >= Self.slice else { continue }
                try await send(text)
                text = ByteBuffer()
            }
        }
        try await send(text)
    }

    private static func write(_ family: FleetFamily, _ labelled: Labelled, to text: inout ByteBuffer) {
        let device = labelled.device
        switch family.values {
        case .device(let value):
            text.writeString(PrometheusText.sample(family.name, labelled.labels, value(device.summary)))
        case .heap(let value):
            for (heap, labels) in zip(device.heaps, labelled.heaps) {
                if let value = value(heap) { text.writeString(PrometheusText.sample(family.name, labels, value)) }
            }
        case .labels(let lists):
            for list in lists(device.summary) {
                let labels = PrometheusText.labels([("device", device.summary.id)] + list)
                text.writeString(PrometheusText.sample(family.name, labels, 1))
            }
        }
    }
}
