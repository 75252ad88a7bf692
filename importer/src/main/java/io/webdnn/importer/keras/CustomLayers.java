package io.webdnn.importer.keras;

import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.file.FileException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/// Finds the [CustomLayer]s of users.
public final class CustomLayers {
    private CustomLayers() {}

    static List<CustomLayer> onClassPath() {
        return List.copyOf(
                ServiceLoader.load(CustomLayer.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList());
    }

    /// {@return the layers that a jar brings}
    ///
    /// @throws FileException if it is no jar, brings none, or they cannot be made
    public static List<CustomLayer> in(Path jar) {
        var file = jar.toString();
        if (!Files.isRegularFile(jar))
            throw FileException.of(file, "plugin", "a jar", "no such file");
        var layers = new ArrayList<CustomLayer>();
        try {
            // Stays open: a layer may load its classes as late as it likes.
            var loader =
                    new URLClassLoader(
                            new URL[] {jar.toUri().toURL()}, CustomLayers.class.getClassLoader());
            for (var layer : ServiceLoader.load(CustomLayer.class, loader)) {
                if (loader.equals(layer.getClass().getClassLoader())) layers.add(layer);
            }
        } catch (MalformedURLException | ServiceConfigurationError | LinkageError e) {
            throw FileException.of(file, "plugin", "classes that can be used", e + "");
        }
        if (layers.isEmpty()) {
            throw FileException.of(
                    file,
                    "META-INF/services/" + CustomLayer.class.getName(),
                    "names of classes",
                    "none");
        }
        return layers;
    }

    /// {@return a translation in which what goes wrong names the layer}
    static Layer translation(CustomLayer custom) {
        return call -> {
            try {
                return custom.translate(call);
            } catch (GraphException e) {
                throw e;
            } catch (RuntimeException e) {
                throw GraphException.saying(
                        call.config().place(), custom.getClass().getName() + ": " + e);
            }
        };
    }
}
