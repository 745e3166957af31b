// SPDX-License-Identifier: Apache-2.0
//
// What ingest asks of the history. The store answers it; ingest knows no more of the store.

internal import HeapHistory

protocol DeviceHistory: Sendable {
    /// False while the collector's clock may be wrong: then times of arrival are not believed.
    var areArrivalsProven: Bool { get }

    /// The database takes no writes at present: nothing is read from devices either.
    var isPaused: Bool { get }

    /// True when the device has been entered.
    func knows(_ device: String) -> Bool

    /// How much the device is to tell of its heaps; nil when nobody has said so.
    func detail(of device: String) -> DeviceDetail.Level?

    /// What the device has proved itself by; nil when it never has.
    func proof(of device: String) -> DeviceProof?

    /// The device, which has been entered, has proved itself by this. Returns when that is on disk.
    func note(_ proof: DeviceProof, of device: String) async throws

    /// Shows a warning with a device for an hour. A later warning with the same code replaces it.
    func warn(_ device: String, _ warning: DeviceWarning, at now: Timestamp)

    func clearWarning(_ code: DeviceWarning.Code, of device: String)

    /// Runs `body`, which works on bytes of this device or peer. If they end the process, the next process knows whose they were.
    func whileHolding<Result>(framesOf device: String, _ body: () throws -> Result) rethrows -> Result

    /// Enters the device, its boot and its heaps where they are new, and finds what is stored of them. Nothing else may be stored of the
    /// device meanwhile.
    /// - Parameters:
    ///   - link: where it is connected, for people.
    ///   - startsOver: its frames have shown that it is another run of the boot id.
    ///   - admitsNew: asked when the boot, or a heap of it, is not in the database yet.
    /// - Throws: ``TooManyNewBoots`` when that says no.
    func openBoot(
        _ hello: DeviceHello, link: String, at now: Timestamp, startsOver: Bool, admitsNew: () -> Bool
    ) async throws -> OpenedBoot

    /// Returns when the batch is on disk.
    func commit(_ batch: IngestBatch, at now: Timestamp) async throws
}
