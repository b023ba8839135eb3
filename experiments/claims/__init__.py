"""The claims of the public debate, each answered by figures or by runs of the model."""
