package io.webdnn.train.training;

import io.webdnn.train.ComputationalGraph;
import io.webdnn.train.TrainingException;
import java.util.List;

/// Draws, after the first iteration, how a figure is computed: the file `cg.dot` for GraphViz.
public final class DumpGraph implements Extension {
    private final String root;

    /// @param root the name of a reported variable, such as `main/loss`
    public DumpGraph(String root) {
        this.root = root;
    }

    @Override
    public void run(Trainer trainer) {
        var variable = trainer.observation().variable(root);
        if (variable == null) {
            throw TrainingException.of(
                    "DumpGraph", "root", "one of " + trainer.observation().names(), root);
        }
        TextFile.write(
                trainer.out().resolve("cg.dot"), new ComputationalGraph(List.of(variable)).dot());
    }

    @Override
    public Trigger trigger() {
        return updater -> updater.iteration() == 1;
    }
}
