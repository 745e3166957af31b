// SPDX-License-Identifier: Apache-2.0
//
// A report for programs. docs/operating.md describes it.

extension LineReport: Encodable {
    private enum Key: String, CodingKey {
        case path, baud, rate, triedRates, seconds, bytes, frames, operationsLost, device, load, findings, isWell
        case sound, damaged, repeated, missing
        case operationsPerSecond, bytesPerSecond, linePercent
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(path, forKey: .path)
        try values.encode(baud, forKey: .baud)
        try values.encodeIfPresent(rate, forKey: .rate)
        try values.encode(triedRates, forKey: .triedRates)
        try values.encode(Double(milliseconds) / 1000, forKey: .seconds)
        try values.encode(bytes, forKey: .bytes)
        try values.encode(operationsLost, forKey: .operationsLost)
        try values.encodeIfPresent(device, forKey: .device)
        try values.encode(findings, forKey: .findings)
        try values.encode(isWell, forKey: .isWell)
        var frames = values.nestedContainer(keyedBy: Key.self, forKey: .frames)
        try frames.encode(soundFrames, forKey: .sound)
        try frames.encode(damagedFrames, forKey: .damaged)
        try frames.encode(repeatedFrames, forKey: .repeated)
        try frames.encode(missingFrames, forKey: .missing)
        guard let operations = load.operationsPerSecond, let bytes = load.bytesPerSecond, let rate else { return }
        var figures = values.nestedContainer(keyedBy: Key.self, forKey: .load)
        try figures.encode(operations, forKey: .operationsPerSecond)
        try figures.encode(bytes, forKey: .bytesPerSecond)
        try figures.encodeIfPresent(load.percent(ofBaud: rate), forKey: .linePercent)
    }
}

extension LineFinding: Encodable {
    private enum Key: String, CodingKey { case kind, isProblem, sentence, advice }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(kind, forKey: .kind)
        try values.encode(isProblem, forKey: .isProblem)
        try values.encode(sentence, forKey: .sentence)
        try values.encode(advice, forKey: .advice)
    }
}
