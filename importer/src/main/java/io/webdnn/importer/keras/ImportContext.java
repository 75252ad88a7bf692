package io.webdnn.importer.keras;

import java.util.Map;

/// What the layers of a graph that is being imported share.
///
/// @param weights those of the layers that the file names
record ImportContext(
        KerasVersion version,
        States states,
        Masks masks,
        Map<String, CustomLayer> custom,
        Network.Weights weights) {
    static ImportContext of(
            KerasVersion version, Map<String, CustomLayer> custom, Network.Weights weights) {
        return new ImportContext(version, new States(), new Masks(), Map.copyOf(custom), weights);
    }
}
