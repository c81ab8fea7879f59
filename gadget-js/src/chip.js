/**
 * One item: what it is, how sure, why; approve it, or say that it is wrong.
 */
'use strict';

const { CdxInfoChip, CdxToggleButton } = require( '@wikimedia/codex' );
const sure = require( './sure.js' );
const { foreign, language, list, text } = require( './messages.js' );

// @vue/component
module.exports = {
	name: 'SuggestDepictsChip',
	components: { CdxInfoChip, CdxToggleButton },
	props: {
		/** Of what a person found: without a confidence. */
		card: { type: Object, required: true },
		/** Address of the item's thumbnail, once it is known. */
		picture: { type: String, default: '' },
		/** Once it is approved. */
		rank: { type: String, default: '' },
		/** What the person says against it. */
		verdict: { type: String, default: '' },
		disabled: { type: Boolean, default: false },
		/** Of the labels. */
		language: { type: String, required: true }
	},
	emits: [ 'rank', 'judge' ],
	setup: () => ( { AGAINST: sure.AGAINST } ),
	data: () => ( { broken: false } ),
	computed: {
		kind() {
			const kind = this.card.kind;
			const said = kind && text( 'kind', kind.label );
			// some descriptions begin with it
			return kind && !this.card.description.startsWith( said ) && said;
		},
		refines() {
			const labels = this.card.more_specific_than.map( ( one ) => one.label );
			return labels.length && text( 'refines', list( labels ) );
		},
		percent() {
			return sure.percent( this.card.confidence );
		},
		confidence() {
			// the digits of the other texts
			const number = new Intl.NumberFormat( language + '-u-nu-latn', { style: 'percent' } );
			return text( 'confidence', text( sure.sureness( this.card.confidence ) ),
				number.format( this.percent / 100 ) );
		},
		why() {
			const reasons = sure.reasons( this.card );
			return reasons.length && text( 'why', reasons.join( '; ' ) );
		}
	},
	methods: {
		foreign,
		text,
		/** Begins with what is seen. */
		about( key ) {
			return text( 'about', text( key ), this.card.label );
		}
	},
	template: `
<li class="suggestdepicts-chip" :class="rank && 'suggestdepicts-chip--approved'">
	<div class="suggestdepicts-chip__what" :data-item="card.item"
		:class="card.image && 'suggestdepicts-chip__what--pictured'">
		<p class="suggestdepicts-chip__head">
			<a class="suggestdepicts-chip__label" :href="card.url" target="_blank"
				rel="noopener"><bdi :lang="foreign( card, language )">{{ card.label }}</bdi></a>
			<span v-if="kind" class="suggestdepicts-subtle">{{ kind }}</span>
		</p>
		<div class="suggestdepicts-chip__more">
			<p v-if="card.description"><bdi :lang="foreign( card, language )">{{
				card.description }}</bdi></p>
			<p v-if="percent >= 0" class="suggestdepicts-sure">
				<span class="suggestdepicts-meter" aria-hidden="true"><span
					:style="{ inlineSize: percent + '%' }"></span></span>
				<cdx-info-chip>{{ confidence }}</cdx-info-chip>
			</p>
			<p v-if="why" class="suggestdepicts-subtle">{{ why }}</p>
			<p v-if="refines" class="suggestdepicts-subtle">{{ refines }}</p>
		</div>
		<div v-if="card.image" class="suggestdepicts-chip__picture">
			<img v-if="picture && !broken" alt="" loading="lazy" :src="picture"
				@error="broken = true">
		</div>
		<cdx-toggle-button class="suggestdepicts-chip__approve" :model-value="!!rank"
			:disabled="disabled" :aria-label="about( 'approve' )"
			@update:model-value="$emit( 'rank', $event ? 'normal' : '' )">
			{{ text( 'approve' ) }}
		</cdx-toggle-button>
	</div>
	<div v-if="rank || percent >= 0" class="suggestdepicts-chip__judge">
		<cdx-toggle-button v-if="rank" quiet :model-value="rank === 'preferred'"
			:disabled="disabled" :aria-label="about( 'prominent' )"
			@update:model-value="$emit( 'rank', $event ? 'preferred' : 'normal' )">
			{{ text( 'prominent' ) }}
		</cdx-toggle-button>
		<template v-else>
			<cdx-toggle-button v-for="( key, one ) in AGAINST" :key="one" quiet
				:model-value="verdict === one" :disabled="disabled" :aria-label="about( key )"
				@update:model-value="$emit( 'judge', $event ? one : '' )">
				{{ text( key ) }}
			</cdx-toggle-button>
		</template>
	</div>
	<slot></slot>
</li>`
};
