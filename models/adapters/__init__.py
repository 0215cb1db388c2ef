"""LoRA (Hu et al. 2021) and its kin: small weights laid over a base model's layers, never into them."""
