package io.webdnn.verify.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The memory of a browser that this program has opened, where the system is Linux: of the
/// processes that hold pages, and of the one that draws.
final class PageMemory {
    private PageMemory() {}

    /// {@return the most that the browser's processes have held, in MiB; 0 where it is not known}
    static double peak() {
        return ProcessHandle.current()
                        .descendants()
                        .map(process -> Path.of("/proc", String.valueOf(process.pid())))
                        .filter(PageMemory::isPages)
                        .mapToLong(process -> peakKibibytes(process.resolve("status")))
                        .sum()
                / 1024.0;
    }

    /// {@return the most that a process has held}
    ///
    /// @param status its `/proc/…/status`
    static long peakKibibytes(Path status) {
        try (var lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException e) {
            return 0; // another system, or a process that has just ended
        }
    }

    private static boolean isPages(Path process) {
        try {
            var command = Files.readString(process.resolve("cmdline"));
            return command.contains("--type=renderer") || command.contains("--type=gpu-process");
        } catch (IOException e) {
            return false;
        }
    }
}
