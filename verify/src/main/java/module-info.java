/// Suites across targets, real browsers and benchmarks; sees every module and is not published.
module io.webdnn.verify {
    requires static transitive org.jspecify;
    requires io.webdnn.compiler;
    requires io.webdnn.train;
    requires io.webdnn.importer;
    requires io.webdnn.runtime;
    requires io.webdnn.cli;
    requires io.jhdf;
    requires com.fasterxml.jackson.core;
    requires info.picocli;
    requires com.google.protobuf;
    requires jdk.httpserver;
    requires jdk.management;

    opens io.webdnn.verify.conformance to
            info.picocli;
    opens io.webdnn.verify.bench to
            info.picocli;
    opens io.webdnn.verify.layers to
            info.picocli;
    opens io.webdnn.verify.fuzz to
            info.picocli;

    provides io.webdnn.cli.AdditionalCommand with
            io.webdnn.verify.bench.BenchCommand,
            io.webdnn.verify.bench.TrainingBench,
            io.webdnn.verify.conformance.CheckCommand,
            io.webdnn.verify.conformance.ConformanceCommand,
            io.webdnn.verify.conformance.OperatorsCommand,
            io.webdnn.verify.fuzz.FuzzCommand,
            io.webdnn.verify.layers.LayersCommand;
}
