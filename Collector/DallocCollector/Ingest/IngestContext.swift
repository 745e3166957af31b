// SPDX-License-Identifier: Apache-2.0
//
// What every connection shares.

struct IngestContext: Sendable {
    let history: any DeviceHistory
    let registry: DeviceRegistry
    let metrics: IngestMetrics
    let connections: ConnectionTable
    /// Logs events of peers and lines, within a budget.
    let log: PeerLog
}
