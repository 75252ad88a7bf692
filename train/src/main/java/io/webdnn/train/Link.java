package io.webdnn.train;

import io.webdnn.train.initializer.Initializer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A function that owns parameters.
public abstract class Link {
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final Map<String, Link> children = new LinkedHashMap<>();
    private String name = "";

    /// For subclasses.
    protected Link() {}

    /// Applies the link to one variable; links with other arguments say so.
    public Variable call(Variable x) {
        throw TrainingException.saying(
                toString(), "call: expected other arguments than one variable");
    }

    /// Registers a parameter, which is to be initialised ([Parameter#initialize]) at the first
    /// call.
    ///
    /// @param shape with [Parameter#OPEN] for extents that are not known yet
    protected final Parameter parameter(
            String parameterName, Initializer initializer, int... shape) {
        return register(new Parameter(parameterName, initializer, shape));
    }

    /// Registers a parameter under its name.
    protected final Parameter register(Parameter parameter) {
        expectFree(parameter.name());
        parameters.put(parameter.name(), parameter);
        return parameter;
    }

    final void child(String childName, Link child) {
        expectFree(childName);
        child.name = childName;
        children.put(childName, child);
    }

    private void expectFree(String wanted) {
        if (wanted.isEmpty() || wanted.indexOf('/') >= 0) {
            throw TrainingException.of(
                    toString(), "name", "a name without '/'", "'" + wanted + "'");
        }
        if (parameters.containsKey(wanted) || children.containsKey(wanted)) {
            throw TrainingException.of(
                    toString(), "name", "a name that is not taken", "'" + wanted + "'");
        }
    }

    /// {@return the name under which the chain above holds this, empty at the top}
    public final String name() {
        return name;
    }

    /// {@return the links that this owns, under their names, in the order of their registration}
    public final Map<String, Link> children() {
        return java.util.Collections.unmodifiableMap(children);
    }

    /// {@return all parameters, also those of the links below, own ones first}
    public final List<Parameter> params() {
        var all = new ArrayList<Parameter>();
        addTo(all);
        return all;
    }

    private void addTo(List<Parameter> all) {
        all.addAll(parameters.values());
        for (var child : children.values()) child.addTo(all);
    }

    /// {@return all parameters under their paths, such as `predictor/conv1/W`}
    public final Map<String, Parameter> namedParams() {
        var all = new LinkedHashMap<String, Parameter>();
        addTo(all, "");
        return all;
    }

    private void addTo(Map<String, Parameter> all, String prefix) {
        parameters.forEach((key, parameter) -> all.put(prefix + key, parameter));
        children.forEach((key, child) -> child.addTo(all, prefix + key + "/"));
    }

    /// Forgets the gradients of all parameters.
    public final void cleargrads() {
        for (var parameter : params()) parameter.cleargrad();
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + (name.isEmpty() ? "" : " '" + name + "'");
    }
}
