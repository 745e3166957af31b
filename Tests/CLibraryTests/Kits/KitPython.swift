// SPDX-License-Identifier: Apache-2.0
//
// Python with the modules that the checks of Tests/C/Kits/checks need, from PyPI.

import Foundation

enum KitPython {
    private static let modules = ["kconfiglib==14.1.0", "PyYAML>=6"]
    private static let folder = Command.repository.appending(path: ".build/kit-tests/python").path
    private static let installed = Builds<String, [String]>()

    /// A command that runs one of the checks.
    static func check(_ name: String, _ arguments: [String], _ environment: [String] = []) async throws -> Command {
        let python = try await installed.result(of: folder, among: [], key: \.self) { folder, _ in
            let python = ["env", "PYTHONPATH=\(folder)", "PYTHONDONTWRITEBYTECODE=1"]
            let attempt = Command(python + ["python3", "-c", "import kconfiglib, yaml"])
            if try await attempt.run().status != 0 {
                let pip = [
                    "python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", folder,
                ]
                try await Command(pip + modules).succeed()
            }
            return python
        }
        let script = Command.repository.appending(path: "Tests/C/Kits/checks/\(name)").path
        return Command(python + environment + ["python3", script] + arguments)
    }
}
