#!/bin/bash
# Renders and develops the studio's views as a Slurm job array; every task takes its share of the takes.
#
#   sbatch --array=1-32 tools/training/slurm_views.sh train
#   sbatch --array=1-4  tools/training/slurm_views.sh val
#
# Takes that are there already are skipped, so a failed or pre-empted task is simply submitted again.
#SBATCH --job-name=exshot-views
#SBATCH --cpus-per-task=1
#SBATCH --mem=3G
#SBATCH --time=04:00:00
#SBATCH --requeue
set -euo pipefail

split=${1:-train}
# The array may start anywhere and be submitted in parts; a share is counted from the lowest number.
index=$((SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN + 1))
count=$((SLURM_ARRAY_TASK_MAX - SLURM_ARRAY_TASK_MIN + 1))

# A folder that all nodes see; the same for slurm_table.sh.
export EXSHOT_STUDIO_CACHE=${EXSHOT_STUDIO_CACHE:-$HOME/exshot/studio}

python -m exshot_train.studio render --split "$split" --shard "$index/$count"
python -m exshot_train.studio develop --split "$split" --shard "$index/$count"
