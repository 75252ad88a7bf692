package io.webdnn.verify.conformance;

import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Cases that are known not to hold on a target, each with its reason: one a line, `TARGET CASE #
/// reason`. An excluded case is run all the same, and fails if it passes, so that the list stays
/// true.
public final class Exclusions {
    /// No case is excluded.
    public static final Exclusions NONE = new Exclusions(Map.of());

    private final Map<String, String> reasons;

    private Exclusions(Map<String, String> reasons) {
        this.reasons = Map.copyOf(reasons);
    }

    /// {@return the project's own list}
    public static Exclusions ours() {
        var name = "exclusions.txt";
        try (InputStream in = Exclusions.class.getResourceAsStream(name)) {
            if (in == null) throw FileException.saying(name, "missing in the build");
            return parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw FileException.reading(Path.of(name), e);
        }
    }

    /// {@return the list in a file}
    ///
    /// @throws FileException if it cannot be read, or a line has no reason
    public static Exclusions read(Path file) {
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw FileException.reading(file, e);
        }
    }

    static Exclusions parse(String file, String text) {
        var reasons = new HashMap<String, String>();
        int number = 0;
        for (var line : text.split("\n", -1)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) continue;
            var parts = line.split("#", 2);
            var names = parts[0].strip().split(" +", -1);
            if (parts.length < 2 || parts[1].isBlank() || names.length != 2) {
                throw FileException.of(
                        file, "line " + number, "TARGET CASE # reason", "'" + line + "'");
            }
            if (reasons.put(names[0] + " " + names[1], parts[1].strip()) != null) {
                throw FileException.of(file, "line " + number, "each case once", "'" + line + "'");
            }
        }
        return new Exclusions(reasons);
    }

    /// {@return why a case is excluded, or null if it is not}
    @Nullable String reason(String target, String caseName) {
        return reasons.get(target + " " + caseName);
    }
}
