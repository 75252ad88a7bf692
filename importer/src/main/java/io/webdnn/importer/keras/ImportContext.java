package io.webdnn.importer.keras;

import java.util.Map;

/// What the layers of a graph that is being imported share.
record ImportContext(
        KerasVersion version, States states, Masks masks, Map<String, CustomLayer> custom) {
    static ImportContext of(KerasVersion version, Map<String, CustomLayer> custom) {
        return new ImportContext(version, new States(), new Masks(), Map.copyOf(custom));
    }
}
