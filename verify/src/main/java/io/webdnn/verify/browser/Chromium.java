package io.webdnn.verify.browser;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A headless Chromium (or Chrome, or Edge) with a profile of its own, showing one page.
///
/// It ends with [#close], and also where this process ends without calling it: a shell that waits
/// for its standard input to close kills the browser.
public final class Chromium implements AutoCloseable {
    /// What to do where there is none.
    public static final String MISSING =
            "no browser: install chromium, or set CHROME_PATH to Chromium, Chrome or Edge";

    /// Has WebGPU set workgroup memory to 0 by a loop. Otherwise the software GPU compiles a store
    /// for each of its elements, which takes most of a second where there are 2,048; on other GPUs,
    /// and to what is computed, it makes no difference. Not where speed is measured: users'
    /// browsers go without it.
    public static final String WORKGROUP_MEMORY_BY_LOOP =
            "--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension";

    private static final List<String> NAMES =
            List.of(
                    "chromium",
                    "chromium-browser",
                    "google-chrome",
                    "google-chrome-stable",
                    "chrome",
                    "msedge",
                    "microsoft-edge");

    private static final List<Path> PLACES =
            Stream.of("Google Chrome", "Chromium", "Microsoft Edge")
                    .map(n -> Path.of("/Applications/" + n + ".app/Contents/MacOS/" + n))
                    .toList();

    private static final List<String> FLAGS =
            List.of(
                    "--headless=new",
                    "--no-sandbox", // tests run as root in containers
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--disable-background-timer-throttling",
                    "--disable-renderer-backgrounding",
                    "--disable-dev-shm-usage", // /dev/shm is small in containers
                    "--disk-cache-size=2147483647", // a file may take an eighth of it
                    "--js-flags=--max-old-space-size=4096",
                    "--enable-unsafe-webgpu");

    /// Starts the browser, waits for its standard input to close, ends the browser.
    private static final String GUARD =
            "\"$@\" </dev/null & child=$!; read -r _; kill -TERM $child 2>/dev/null;"
                    + " sleep 0.5; kill -KILL $child 2>/dev/null; wait $child";

    private final Process guard;
    private final Path profile;

    private Chromium(Process guard, Path profile) {
        this.guard = guard;
        this.profile = profile;
    }

    /// {@return the browser of this machine: `CHROME_PATH`, or one under a usual name on the PATH}
    public static Optional<Path> find() {
        var given = System.getenv("CHROME_PATH");
        if (given != null && !given.isEmpty()) return Optional.of(Path.of(given));
        var candidates = new ArrayList<Path>();
        var path = System.getenv("PATH");
        for (var name : NAMES) {
            if (path == null) break;
            for (var directory : path.split(java.io.File.pathSeparator, -1))
                candidates.add(Path.of(directory, name));
        }
        candidates.addAll(PLACES);
        return candidates.stream().filter(Files::isExecutable).findFirst();
    }

    /// {@return name and version of the browser of this machine, `none` if there is none}
    public static String version() {
        var browser = find();
        if (browser.isEmpty()) return "none";
        try {
            var process = new ProcessBuilder(browser.get().toString(), "--version").start();
            try (var out = process.inputReader()) {
                return out.lines().findFirst().orElse("unknown").strip();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Opens a page.
    ///
    /// @param flags of the browser's command line, besides those that it needs to be driven
    /// @throws IllegalStateException if this machine has no browser
    public static Chromium open(String address, List<String> flags) {
        var browser = find().orElseThrow(() -> new IllegalStateException(MISSING));
        try {
            var profile = Files.createTempDirectory("webdnn-chromium");
            var command = new ArrayList<>(List.of("sh", "-c", GUARD, "guard", browser.toString()));
            command.addAll(FLAGS);
            command.addAll(flags);
            command.add("--user-data-dir=" + profile);
            command.add(address);
            var process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(profile.resolve("output.txt").toFile())
                            .start();
            return new Chromium(process, profile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// {@return whether the browser is still there}
    public boolean isAlive() {
        return guard.isAlive() && guard.children().findAny().isPresent();
    }

    /// {@return the last lines that the browser has printed, without those about the desktop that
    /// it does not find}
    public String output() {
        try (var lines = Files.lines(profile.resolve("output.txt"))) {
            var telling = lines.filter(line -> !line.contains("dbus/")).toList();
            return String.join(
                    "\n", telling.subList(Math.max(0, telling.size() - 10), telling.size()));
        } catch (IOException e) {
            return "";
        }
    }

    /// Ends the browser with all its processes and removes its profile.
    @Override
    public void close() {
        var processes = guard.descendants().toList();
        try {
            guard.getOutputStream().close();
            if (!guard.waitFor(10, TimeUnit.SECONDS)) guard.destroyForcibly();
        } catch (IOException e) {
            guard.destroyForcibly();
        } catch (InterruptedException e) {
            guard.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        processes.forEach(ProcessHandle::destroyForcibly);
        delete(profile);
    }

    private static void delete(Path directory) {
        try {
            Files.walkFileTree(
                    directory,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                                throws IOException {
                            Files.deleteIfExists(file);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(
                                Path each, @org.jspecify.annotations.Nullable IOException failure)
                                throws IOException {
                            Files.deleteIfExists(each);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            // A dying process may still write into its profile; the system clears its temporary
            // directory.
            return;
        }
    }
}
