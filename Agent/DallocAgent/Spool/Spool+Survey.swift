// SPDX-License-Identifier: Apache-2.0
//
// Looks through what the spool holds of earlier boots: which comes first, where it ends, and which HELLO is its last. Some frames a
// poll, once for each of these boots.

internal import CDallocAgent
internal import HeapWire

extension Spool {
    /// Bytes of an earlier boot that one poll looks through, and the frame that goes beyond.
    private static var surveyBudget: UInt32 { 2048 }

    /// `earlier` of a spool that could not be read yet.
    static var unknown: UInt32 { .max }

    func survey() {
        guard store.pointee.stage != SpoolStage.done else { return }
        if store.pointee.earlier == Self.unknown { measure() }
        guard store.pointee.earlier != Self.unknown else { return }
        let start = store.pointee.survey
        while store.pointee.survey &- start < Self.surveyBudget {
            let frame = SpoolFrame(store, at: store.pointee.survey)
            if frame.kind == .failure { return }
            guard frame.kind != .end, store.pointee.survey < store.pointee.earlier else { return finishSurvey() }
            note(frame)
            store.pointee.survey &+= frame.bytes
        }
    }

    /// Finds out how many bytes there are, so that frames can be appended from now on: bit by bit, with 32 looks.
    private func measure() {
        var (length, bit) = (UInt32(0), UInt32(0x8000_0000))
        while bit > 0 {
            let got = dalloc_agent_port_spool_read(store, length &+ bit &- 1, 1)
            if got < 0 { return }
            if got > 0 { length &+= bit }
            bit &>>= 1
        }
        store.pointee.earlier = length
    }

    private func note(_ frame: SpoolFrame) {
        let store = self.store
        if frame.kind == .hello {
            store.pointee.survey_boot = frame.number
            if store.pointee.stage == SpoolStage.started {
                (store.pointee.stage, store.pointee.boot, store.pointee.oldest) = (SpoolStage.within, frame.number, 0)
            }
            guard store.pointee.stage == SpoolStage.within else { return }
            if frame.number == store.pointee.boot {
                (store.pointee.hello, store.pointee.hello_bytes) = (store.pointee.survey, frame.payload)
            } else {
                (store.pointee.boot_end, store.pointee.stage) = (store.pointee.survey, SpoolStage.beyond)
            }
        } else if frame.kind == .state, store.pointee.stage != SpoolStage.started {
            if store.pointee.oldest == 0 { store.pointee.oldest = frame.number }
            if store.pointee.survey_boot == agent.pointee.config.boot_id {
                store.pointee.own_last = max(store.pointee.own_last, frame.number)
            }
        }
    }

    private func finishSurvey() {
        let store = self.store
        // An agent that has started again goes on after what it told before.
        if store.pointee.own_last >= agent.pointee.next_sequence {
            Session(agent: agent).goOn(after: store.pointee.own_last)
        }
        let hasFrames = store.pointee.stage != SpoolStage.started && store.pointee.oldest > 0
        if store.pointee.stage != SpoolStage.beyond { store.pointee.boot_end = store.pointee.earlier }
        store.pointee.stage = SpoolStage.done
        if !hasFrames {
            if store.pointee.boot_end > 0 { drop(store.pointee.boot_end, damaged: 0) }
            goOn()
        }
    }
}
