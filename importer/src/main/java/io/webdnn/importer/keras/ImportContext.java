package io.webdnn.importer.keras;

/// What the layers of a graph that is being imported share.
record ImportContext(KerasVersion version, States states, Masks masks) {
    static ImportContext of(KerasVersion version) {
        return new ImportContext(version, new States(), new Masks());
    }
}
