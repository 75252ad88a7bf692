package io.webdnn.train;

import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/// Collects figures that links report while they are called, under the names of the links: `loss`
/// of the link `main` is `main/loss`.
public final class Reporter {
    private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

    private final IdentityHashMap<Link, String> names = new IdentityHashMap<>();

    /// A reporter that knows no links yet.
    public Reporter() {}

    private record Scope(Reporter reporter, Observation observation) {}

    /// Names a link and those below it.
    ///
    /// @return this
    public Reporter observe(String name, Link link) {
        names.put(link, name);
        link.children().forEach((key, child) -> observe(name + "/" + key, child));
        return this;
    }

    /// Lets this thread's reports go into an observation, until the scope is closed.
    public Configuration.Scope into(Observation observation) {
        var before = CURRENT.get();
        CURRENT.set(new Scope(this, observation));
        return () -> CURRENT.set(before);
    }

    /// Reports a figure. It is computed together with the update of the step, so that it can be
    /// read afterwards.
    public static void report(Link link, String name, Variable figure) {
        figure.retain();
        var scope = CURRENT.get();
        if (scope == null) return;
        var prefix = scope.reporter.names.get(link);
        if (prefix == null) {
            throw TrainingException.of(
                    "Reporter", "link", "one that observe() has named", link.toString());
        }
        scope.observation.put(prefix + "/" + name, figure);
    }

    /// Reports a figure under its whole name.
    public static void report(String name, double figure) {
        var scope = CURRENT.get();
        if (scope != null) scope.observation.put(name, figure);
    }
}
