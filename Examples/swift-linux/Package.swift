// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// A package of its own, as a user's is. In yours, name the repository's URL and a version instead of the path.
let package = Package(
    name: "swift-linux",
    dependencies: [.package(name: "dalloc", path: "../..")],
    targets: [
        .executableTarget(
            name: "sensor-log",
            dependencies: [
                .product(name: "Dalloc", package: "dalloc"),
                .product(name: "DallocAgent", package: "dalloc"),
            ])
    ]
)
