/// The command line.
module io.webdnn.cli {
    requires static transitive org.jspecify;
    requires transitive io.webdnn.compiler;
    requires io.webdnn.train;
    requires io.webdnn.importer;
    requires io.webdnn.runtime;
    requires info.picocli;
    requires java.compiler;
    requires jdk.compiler;
    requires jdk.httpserver;

    exports io.webdnn.cli;

    uses io.webdnn.cli.AdditionalCommand;

    opens io.webdnn.cli to
            info.picocli;
}
