package io.webdnn.train.keras;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Changes nothing.
public final class Identity extends IdentityShape<Identity> {
    /// Has no settings.
    public Identity() {}

    @Override
    Signal apply(Signal x) {
        return x;
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {}
}
