// SPDX-License-Identifier: Apache-2.0
//
// Every figure of the collector, under the names by which it is monitored.

internal import Foundation
internal import HeapHistory

struct MetricsReport: Sendable {
    let metrics: IngestMetrics
    let store: HistoryStore
    let registry: DeviceRegistry
    /// To the API.
    let connections: APIConnections

    func families() async -> [MetricFamily] {
        await ingest() + lines() + questions() + storage()
    }

    private func ingest() -> [MetricFamily] {
        // Causes that frames tell of; that a device was off is found when somebody asks.
        let causes = Gap.Cause.allCases.filter { $0 != .powerOff }
        let (gaps, rejected) = (metrics.gaps.values, metrics.rejectedFrames.values)
        return [
            .counter(
                "dalloc_collector_received_bytes_total", "Bytes that devices sent.", metrics.receivedBytes.value),
            .counter("dalloc_collector_frames_total", "Frames stored, each once.", metrics.frames.value),
            .counter(
                "dalloc_collector_frame_bytes_total", "Bytes of the stored frames' payloads.",
                metrics.frameBytes.value),
            .counter(
                "dalloc_collector_operations_total", "Allocations, frees and failures that the stored frames tell of.",
                metrics.operations.value),
            .counter(
                "dalloc_collector_operations_lost_total", "Operations that devices could not record.",
                metrics.lostOperations.value),
            .counter(
                "dalloc_collector_gaps_total", "Gaps that began in the history of a heap.", by: "cause",
                causes.map { ($0.rawValue, gaps[$0] ?? 0) }),
            .counter(
                "dalloc_collector_frames_repeated_total", "Frames that were stored already.",
                metrics.repeatedFrames.value),
            .counter(
                "dalloc_collector_frames_out_of_order_total", "Frames that came after a missing one; they come again.",
                metrics.framesOutOfOrder.value),
            .counter(
                "dalloc_collector_frames_skipped_total",
                "Frames of a type that only later versions of the collector know.",
                metrics.skippedFrames.value),
            .counter(
                "dalloc_collector_frames_rejected_total", "Frames that make no sense.", by: "reason",
                DeviceSession.Rejection.allCases.map { ($0.label, rejected[$0] ?? 0) }),
            .counter(
                "dalloc_collector_device_clock_stands_total",
                "Minutes in which a device worked while its clock stood.", metrics.standingClocks.value),
            .counter("dalloc_collector_greetings_total", "HELLOs that were answered.", metrics.greetings.value),
            .histogram(
                "dalloc_collector_store_seconds", "Seconds from when frames were received until they are on disk.",
                metrics.storing.reading),
            .histogram(
                "dalloc_collector_commit_seconds",
                "Seconds that a transaction takes, with what many connections brought.",
                store.commits.transactions.reading),
            .gauge(
                "dalloc_collector_commit_queue", "Connections whose frames wait for the next transaction.",
                Double(store.commits.queued.value)),
        ]
    }

    private func lines() async -> [MetricFamily] {
        let (ends, refused) = (metrics.closedConnections.values, metrics.refusedConnections.values)
        let handshakes = metrics.failedHandshakes.values
        // Read first: a connection that opens meanwhile makes this too small by one, never negative.
        let open = max(0, metrics.openedConnections.value - ends.values.reduce(0, +))
        return [
            .gauge("dalloc_collector_connections", "Open lines, TCP and serial.", Double(open)),
            .gauge(
                "dalloc_collector_devices", "Devices that are connected and have greeted.",
                Double(await registry.connected.count)),
            .counter(
                "dalloc_collector_connections_opened_total", "Connections that were opened.",
                metrics.openedConnections.value),
            .counter(
                "dalloc_collector_connections_refused_total", "Connections beyond a limit, closed at once.",
                by: "limit", ConnectionTable.Refusal.allCases.map { ($0.rawValue, refused[$0] ?? 0) }),
            .counter(
                "dalloc_collector_throttled_total", "Pauses because a device or an address sent more than it may.",
                metrics.throttled.value),
            .counter(
                "dalloc_collector_tls_handshakes_failed_total", "TLS handshakes of devices that failed.", by: "reason",
                HandshakeFailure.allCases.map { ($0.rawValue, handshakes[$0] ?? 0) }),
            .counter(
                "dalloc_collector_connections_closed_total", "Connections that were closed.", by: "reason",
                ConnectionEnd.allCases.map { ($0.rawValue, ends[$0] ?? 0) }),
        ]
    }

    private func questions() -> [MetricFamily] {
        let counted = connections.metrics
        let (refused, cut, overloads) = (counted.refused.values, counted.cut.values, counted.overloads.values)
        return [
            .gauge("dalloc_collector_api_connections", "Open connections to the API.", Double(connections.count)),
            .counter(
                "dalloc_collector_api_connections_opened_total", "Connections to the API that came.",
                counted.opened.value),
            .counter(
                "dalloc_collector_api_connections_refused_total",
                "Connections to the API beyond the limit: told so with status 503, or closed at once.", by: "how",
                APIMetrics.Refusal.allCases.map { ($0.rawValue, refused[$0] ?? 0) }),
            .counter(
                "dalloc_collector_api_connections_cut_total", "Connections to the API that the collector ended.",
                by: "reason", APIMetrics.Cut.allCases.map { ($0.rawValue, cut[$0] ?? 0) }),
            .counter(
                "dalloc_collector_api_questions_total", "Questions that were asked.", counted.questions.value),
            .counter(
                "dalloc_collector_api_questions_refused_total", "Questions that were answered with status 503.",
                by: "reason", Overload.allCases.map { ($0.rawValue, overloads[$0] ?? 0) }),
            .counter(
                "dalloc_collector_api_questions_abandoned_total", "Questions whose client left before the answer.",
                counted.abandoned.value),
        ]
    }

    private func storage() -> [MetricFamily] {
        let arrivals = store.arrivals.extent
        let age = arrivals.oldest.map { Double(Timestamp.now.microseconds(since: $0)) / 1_000_000 } ?? 0
        return [
            .gauge(
                "dalloc_collector_ready", "1 when what devices send is stored, as /readyz tells it.",
                store.notReady == nil ? 1 : 0),
            .gauge(
                "dalloc_collector_writes_paused", "1 while the database takes no writes and devices wait.",
                store.pause.cause == nil ? 0 : 1),
            .gauge(
                "dalloc_collector_database_damaged",
                "1 when the database was found damaged, in use or at the start: then it was set aside, and a new history begun.",
                store.damage.cause == nil && !store.beganAnew ? 0 : 1),
            .gauge(
                "dalloc_collector_database_bytes", "Size of the database.", Double(FileIdentity.bytes(of: store.path))),
            .gauge(
                "dalloc_collector_database_wal_bytes", "Size of the database's write-ahead log.",
                Double(FileIdentity.bytes(of: store.path + "-wal"))),
            .gauge(
                "dalloc_collector_arrivals_bytes", "Bytes of frames that are stored, but not gathered by heap yet.",
                Double(arrivals.bytes)),
            .gauge(
                "dalloc_collector_arrivals_age_seconds", "How long the oldest of these frames has waited at least.",
                max(0, age)),
            .gauge(
                "dalloc_collector_devices_set_aside", "Devices that the collector can't work on, and keeps apart.",
                Double(store.quarantine.all.count)),
            .counter(
                "dalloc_collector_clock_steps_total", "Times that the collector's clock was set while it ran.",
                store.clock.steps),
            .gauge(
                "dalloc_collector_clock_lead_seconds",
                "How far the clock is ahead of what retention believes: nothing is removed by the rest.",
                Double(store.clock.lead) / 1_000_000),
            .gauge(
                "dalloc_collector_acknowledged_frames_missing",
                "Frames that were acknowledged and were not there any more at the start.", Double(store.missingRows)),
        ]
    }
}
