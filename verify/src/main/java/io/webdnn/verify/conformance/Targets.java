package io.webdnn.verify.conformance;

import io.webdnn.cli.CommandException;
import io.webdnn.compiler.Backend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// All targets, by name.
public final class Targets {
    private static final Map<String, Supplier<Target>> ALL = all();

    private Targets() {}

    private static Map<String, Supplier<Target>> all() {
        var targets = new LinkedHashMap<String, Supplier<Target>>();
        targets.put("interpreter", InterpreterTarget::new);
        targets.put("jvm", JvmTarget::new);
        for (var backend : Backend.values())
            targets.put(backend.toString(), () -> new BrowserTarget(backend));
        return targets;
    }

    /// {@return the names of all targets}
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /// {@return new targets of the given names}
    ///
    /// @throws CommandException if there is none of a name
    public static List<Target> named(List<String> names) {
        var suppliers = new ArrayList<Supplier<Target>>();
        for (var name : names) {
            var supplier = ALL.get(name);
            if (supplier == null) {
                throw CommandException.wrongUse(
                        "--target: expected some of " + names() + ", got " + name);
            }
            suppliers.add(supplier);
        }
        return suppliers.stream().map(Supplier::get).toList();
    }
}
