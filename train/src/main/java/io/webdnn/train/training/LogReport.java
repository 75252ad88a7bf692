package io.webdnn.train.training;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Keeps the means of all figures over each epoch, and writes them into the file `log` as JSON.
public final class LogReport implements Extension {
    private final List<Map<String, Number>> log = new ArrayList<>();
    private Summary summary = new Summary();

    /// A report of each epoch.
    public LogReport() {}

    /// {@return an entry for each epoch: the figures, `epoch`, `iteration` and `elapsed_time` in
    /// seconds}
    public List<Map<String, Number>> log() {
        return Collections.unmodifiableList(log);
    }

    @Override
    public void run(Trainer trainer) {
        summary.add(trainer.observation());
        if (!Trigger.EACH_EPOCH.fires(trainer.updater())) return;
        var entry = new LinkedHashMap<String, Number>(summary.means());
        entry.put("epoch", trainer.updater().epoch());
        entry.put("iteration", trainer.updater().iteration());
        entry.put("elapsed_time", trainer.elapsedTime());
        log.add(Collections.unmodifiableMap(entry));
        TextFile.write(trainer.out().resolve("log"), json(log));
        summary = new Summary();
    }

    /// JSON as Python prints it with an indentation of four.
    static String json(List<Map<String, Number>> log) {
        return log.stream().map(LogReport::json).collect(Collectors.joining(",\n", "[\n", "\n]"));
    }

    private static String json(Map<String, Number> entry) {
        return entry.entrySet().stream()
                .map(e -> "        \"" + e.getKey() + "\": " + number(e.getValue()))
                .collect(Collectors.joining(",\n", "    {\n", "\n    }"));
    }

    private static String number(Number number) {
        return number instanceof Double d ? PythonNumbers.repr(d) : number.toString();
    }
}
