package io.webdnn.verify.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// Training beside a peer that only says what it took.
class TrainingBenchTest {
    @TempDir Path directory = Path.of("");

    private void write(String name, int count, boolean images) throws IOException {
        var file = directory.resolve(name);
        try (var out = new DataOutputStream(Files.newOutputStream(file))) {
            out.writeInt(images ? 0x803 : 0x801);
            out.writeInt(count);
            if (images) out.writeInt(28);
            if (images) out.writeInt(28);
            var bytes = new byte[images ? count * 784 : count];
            for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (i * 7 % 10);
            out.write(bytes);
        }
    }

    @Test
    @Timeout(60)
    void bothAreMeasuredInTurns() throws Exception {
        write("train-images-idx3-ubyte", 130, true);
        write("train-labels-idx1-ubyte", 130, false);
        write("t10k-images-idx3-ubyte", 20, true);
        write("t10k-labels-idx1-ubyte", 20, false);
        var peer = directory.resolve("peer");
        Files.writeString(peer, "#!/bin/sh\necho 10.0 0.5\necho 20.0 0.25\n");
        assertThat(peer.toFile().setExecutable(true)).isTrue();
        var out = new StringWriter();
        int code =
                new CommandLine(new TrainingBench())
                        .setOut(new PrintWriter(out))
                        .execute("--data", "" + directory, "--rounds", "1", "--python", "" + peer);
        assertThat(code).isZero();
        assertThat(out.toString().lines().toList())
                .hasSize(4)
                .element(2)
                .asString()
                .matches("epoch 2: ours \\d+\\.\\d\\d, PyTorch 20\\.00, ratio \\d\\.\\d\\d");
        assertThat(out.toString()).containsPattern("ours 0\\.\\d{4}, PyTorch 0\\.2500");
    }
}
