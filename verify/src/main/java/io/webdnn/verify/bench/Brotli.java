package io.webdnn.verify.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Sizes of files in Brotli, which Node.js has and the JDK has not. A file is compressed once.
final class Brotli {
    /// As servers compress what they keep, but for the highest level, at which 20 MB take a minute.
    private static final String PROGRAM =
            "const zlib = require('zlib'), b = require('fs').readFileSync(process.argv[1]);"
                    + " console.log(zlib.brotliCompressSync(b, {params: {"
                    + "[zlib.constants.BROTLI_PARAM_QUALITY]: b.length > 2e6 ? 9 : 11,"
                    + " [zlib.constants.BROTLI_PARAM_SIZE_HINT]: b.length}}).length)";

    private final Map<Integer, Long> known = new HashMap<>();
    private final String node;

    Brotli(String node) {
        this.node = node;
    }

    /// {@return the sum of the sizes of some files; 0 if there is no Node.js}
    long size(Map<String, byte[]> files) throws IOException, InterruptedException {
        long sum = 0;
        for (var content : files.values()) {
            int key = Arrays.hashCode(content);
            var size = known.get(key);
            if (size == null) {
                size = compressed(content);
                if (size == 0) return 0;
                known.put(key, size);
            }
            sum += size;
        }
        return sum;
    }

    private long compressed(byte[] content) throws IOException, InterruptedException {
        if (content.length == 0) return 1;
        Path file = Files.createTempFile("webdnn", ".br");
        try {
            Files.write(file, content);
            var process = new ProcessBuilder(node, "-e", PROGRAM, file.toString()).start();
            try (var out = process.inputReader()) {
                var line = out.readLine();
                if (process.waitFor() != 0 || line == null)
                    throw new IOException("brotli: Node.js failed on " + content.length + " bytes");
                return Long.parseLong(line);
            }
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).startsWith("Cannot run program")) return 0;
            throw e;
        } finally {
            Files.delete(file);
        }
    }
}
