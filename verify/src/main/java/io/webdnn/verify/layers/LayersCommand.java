package io.webdnn.verify.layers;

import io.webdnn.cli.AdditionalCommand;
import io.webdnn.tensor.file.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `webdnn keras-layers PAGE`: makes the table of layers and targets of a page anew.
@Command(
        name = "keras-layers",
        description = "Makes the table of Keras's layers and targets in a page anew.")
public final class LayersCommand implements AdditionalCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(paramLabel = "PAGE", description = "The page, docs/keras.md.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path page;

    @Override
    public Integer call() throws IOException {
        var made = LayerTable.into(Files.readString(page));
        AtomicFile.write(page, made.getBytes(StandardCharsets.UTF_8));
        spec.commandLine().getOut().println(page);
        return 0;
    }
}
